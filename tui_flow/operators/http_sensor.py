"""`HttpSensor`: waits until a request succeeds, and its `response_check` too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, ClassVar

from tui_flow.operators.http_hook import HttpErrorException, HttpHook
from tui_flow.sdk.callables import determine_kwargs
from tui_flow.sdk.context import Context
from tui_flow.sdk.sensor import BaseSensorOperator, PokeReturnValue


class HttpSensor(BaseSensorOperator):
    """A status of `response_error_codes_allowlist` (404 where none is given) means not yet; others fail the sensor."""

    template_fields: Collection[str] = ("endpoint", "request_params", "headers")
    template_fields_renderers: ClassVar[dict[str, str]] = {"headers": "json", "request_params": "json"}

    def __init__(
        self,
        *,
        endpoint: str,
        http_conn_id: str = HttpHook.default_conn_name,
        method: str = "GET",
        request_params: dict[str, Any] | None = None,
        request_kwargs: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        response_error_codes_allowlist: Sequence[str] | None = None,
        response_check: Callable[..., bool | PokeReturnValue] | None = None,
        extra_options: dict[str, Any] | None = None,
        tcp_keep_alive: bool = True,
        tcp_keep_alive_idle: int = 120,
        tcp_keep_alive_count: int = 20,
        tcp_keep_alive_interval: int = 30,
        deferrable: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.endpoint, self.http_conn_id, self.method = endpoint, http_conn_id, method
        self.request_params, self.headers = request_params or {}, headers or {}
        self.request_kwargs, self.extra_options = request_kwargs or {}, extra_options or {}
        allowed = ("404",) if response_error_codes_allowlist is None else response_error_codes_allowlist
        self.response_error_codes_allowlist = tuple(map(str, allowed))
        self.response_check, self.deferrable = response_check, deferrable
        self.keep_alive = (tcp_keep_alive, tcp_keep_alive_idle, tcp_keep_alive_count, tcp_keep_alive_interval)

    @property
    def hook(self) -> HttpHook:
        return HttpHook(self.method, self.http_conn_id, None, *self.keep_alive)

    def poke(self, context: Context) -> bool | PokeReturnValue:
        self.log.info("Poking: %s", self.endpoint)
        try:
            response = self.hook.run(
                self.endpoint, self.request_params, self.headers, self.extra_options, **self.request_kwargs
            )
        except HttpErrorException as err:
            if str(err).partition(":")[0] in self.response_error_codes_allowlist:
                return False
            raise
        if self.response_check is None:
            return True
        kwargs = determine_kwargs(self.response_check, [response], context)
        return self.response_check(response, **kwargs)
