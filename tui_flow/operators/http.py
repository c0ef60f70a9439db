"""`HttpOperator`: makes a request; the text of the answer is the result. `pagination_function` makes it several."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

from tui_flow.operators.http_hook import HttpHook
from tui_flow.sdk.callables import determine_kwargs
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.operator import BaseOperator


class HttpOperator(BaseOperator):
    """Sends `data` to `endpoint` below the connection's URL: as parameters with GET, else as the body.

    `response_check` and `response_filter` are given the `requests.Response`, or the list of them where a
    `pagination_function` made several, and the values of the context that they name.
    """

    template_fields: Collection[str] = ("endpoint", "data", "headers")
    template_fields_renderers: ClassVar[dict[str, str]] = {"headers": "json", "data": "py"}
    ui_color = "#f4a460"

    def __init__(
        self,
        *,
        endpoint: str | None = None,
        method: str = "POST",
        data: Any = None,
        headers: dict[str, str] | None = None,
        pagination_function: Callable[..., Any] | None = None,
        response_check: Callable[..., bool] | None = None,
        response_filter: Callable[..., Any] | None = None,
        extra_options: dict[str, Any] | None = None,
        request_kwargs: dict[str, Any] | None = None,
        http_conn_id: str = HttpHook.default_conn_name,
        log_response: bool = False,
        auth_type: Any = None,
        tcp_keep_alive: bool = True,
        tcp_keep_alive_idle: int = 120,
        tcp_keep_alive_count: int = 20,
        tcp_keep_alive_interval: int = 30,
        deferrable: bool = False,
        retry_args: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.endpoint, self.method, self.data, self.headers = endpoint, method, data or {}, headers or {}
        self.pagination_function = pagination_function
        self.response_check, self.response_filter, self.log_response = response_check, response_filter, log_response
        self.extra_options, self.request_kwargs = extra_options or {}, request_kwargs or {}
        self.http_conn_id, self.auth_type, self.retry_args = http_conn_id, auth_type, retry_args
        self.deferrable = deferrable
        self.keep_alive = (tcp_keep_alive, tcp_keep_alive_idle, tcp_keep_alive_count, tcp_keep_alive_interval)

    @property
    def hook(self) -> HttpHook:
        return HttpHook(self.method, self.http_conn_id, self.auth_type, *self.keep_alive)

    def execute(self, context: Context) -> Any:
        response = self._call(
            endpoint=self.endpoint, data=self.data, headers=self.headers, extra_options=self.extra_options
        )
        if self.pagination_function is None:
            return self.process_response(context, response)
        return self.process_response(context, self._further_pages(response))

    def _further_pages(self, response: Any) -> list[Any]:
        assert self.pagination_function is not None
        responses = [response]
        while changes := self.pagination_function(responses[-1]):
            responses.append(self._call(**self._next_page(changes)))
        return responses

    def _call(self, **arguments: Any) -> Any:
        if self.retry_args:
            return self.hook.run_with_advanced_retry(self.retry_args, **arguments, **self.request_kwargs)
        return self.hook.run(**arguments, **self.request_kwargs)

    def _next_page(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The first request's arguments, changed: dicts are merged, others replaced."""
        data = changes.get("data")
        return {
            "endpoint": changes.get("endpoint") or self.endpoint,
            "data": {**self.data, **data}
            if isinstance(data, dict) and isinstance(self.data, dict)
            else data or self.data,
            "headers": {**self.headers, **changes.get("headers", {})},
            "extra_options": {**self.extra_options, **changes.get("extra_options", {})},
        }

    def process_response(self, context: Context, response: Any) -> Any:
        """The task's result. Raises AirflowException when `response_check` says no."""
        text = [each.text for each in response] if isinstance(response, list) else response.text
        if self.log_response:
            self.log.info("%s", text)
        if self.response_check is not None and not _asked(self.response_check, response, context):
            raise AirflowException("Response check returned False.")
        return _asked(self.response_filter, response, context) if self.response_filter is not None else text


class SimpleHttpOperator(HttpOperator):
    """`HttpOperator` by Airflow 2's name."""


def _asked(function: Callable[..., Any], response: Any, context: Context) -> Any:
    return function(response, **determine_kwargs(function, [response], context))
