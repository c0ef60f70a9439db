"""`HttpHook`: requests to the server that a connection names, with its credentials and headers."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tui_flow.sdk.connection import Connection
from tui_flow.sdk.exceptions import AirflowException, AirflowNotFoundException
from tui_flow.sdk.extras import extra
from tui_flow.sdk.hook import BaseHook

_SESSION_OPTIONS = ("stream", "cert", "proxies", "verify", "max_redirects", "trust_env")
_SEND_OPTIONS = ("timeout", "allow_redirects", "check_response")
_OTHER_NAMES = {"proxy": "proxies", "verify_ssl": "verify"}


class HttpErrorException(AirflowException):
    """The server answered with a status of 400 or above."""


class HttpHook(BaseHook):
    """Speaks through `requests`. The connection's extra holds headers, and options such as `timeout` and `verify`.

    An endpoint that is a whole URL needs no connection, as long as the hook was not given one.
    """

    conn_name_attr = "http_conn_id"
    default_conn_name = "http_default"
    conn_type = "http"
    hook_name = "HTTP"
    default_host = ""
    default_headers: Mapping[str, str] = {}

    def __init__(
        self,
        method: str = "POST",
        http_conn_id: str = default_conn_name,
        auth_type: Any = None,
        tcp_keep_alive: bool = True,
        tcp_keep_alive_idle: int = 120,
        tcp_keep_alive_count: int = 20,
        tcp_keep_alive_interval: int = 30,
        adapter: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.method, self.http_conn_id, self.auth_type = method.upper(), http_conn_id, auth_type
        self.adapter = adapter
        self.keep_alive = (tcp_keep_alive_idle, tcp_keep_alive_count, tcp_keep_alive_interval) if tcp_keep_alive else ()
        self.base_url = ""

    def get_conn(self, headers: Mapping[str, Any] | None = None, extra_options: dict[str, Any] | None = None) -> Any:
        """A `requests.Session`, set up as the connection says; what it says of sending is put into `extra_options`."""
        with extra("http", "HttpHook"):
            import requests
        session = requests.Session()
        self._mount_adapters(session)
        connection = self._connection()
        if connection is not None:
            self.base_url = self._base_url_of(connection)
            session.auth = self._auth_of(connection)
        said = connection.extra_dejson if connection is not None else {}
        options = self._sort_out(said, extra_options if extra_options is not None else {})
        for name in _SESSION_OPTIONS:
            if name in options:
                setattr(session, name, options[name])
        session.headers.update({**self.default_headers, **said, **(headers or {})})
        return session

    def _connection(self) -> Connection | None:
        try:
            return self.get_connection(self.http_conn_id)
        except AirflowNotFoundException:
            if self.http_conn_id == self.default_conn_name:
                return None
            raise

    def _base_url_of(self, connection: Connection) -> str:
        host = connection.host or self.default_host
        if "://" in host:
            return host
        url = f"{connection.schema or ('https' if connection.conn_type == 'https' else 'http')}://{host}"
        return f"{url}:{connection.port}" if connection.port else url

    def _auth_of(self, connection: Connection) -> Any:
        if connection.login:
            return (self.auth_type or _basic_auth())(connection.login, connection.password)
        return self.auth_type() if self.auth_type else None

    def _sort_out(self, said: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        """Takes options out of what the connection's extra said, which leaves headers; what the caller gave wins."""
        for options in (said, given):
            for other, name in _OTHER_NAMES.items():
                if other in options:
                    options.setdefault(name, options.pop(other))
        for name in (*_SESSION_OPTIONS, *_SEND_OPTIONS):
            if name in said:
                given.setdefault(name, said.pop(name))
        return given

    def _mount_adapters(self, session: Any) -> None:
        adapter = self.adapter or (_keep_alive_adapter(*self.keep_alive) if self.keep_alive else None)
        if adapter is not None:
            session.mount("http://", adapter)
            session.mount("https://", adapter)

    def run(
        self,
        endpoint: str | None = None,
        data: Any = None,
        headers: Mapping[str, Any] | None = None,
        extra_options: Mapping[str, Any] | None = None,
        **request_kwargs: Any,
    ) -> Any:
        """The `requests.Response`. Raises HttpErrorException for an error status unless `check_response` is off."""
        options = dict(extra_options or {})
        with self.get_conn(headers, options) as session:
            with extra("http", "HttpHook"):
                import requests
            body = {"GET": {"params": data}, "HEAD": {}}.get(self.method, {"data": data})
            request = requests.Request(self.method, self.url_from_endpoint(endpoint), **body, **request_kwargs)
            return self.run_and_check(session, session.prepare_request(request), options)

    def run_and_check(self, session: Any, prepped_request: Any, extra_options: Mapping[str, Any]) -> Any:
        """Send a prepared request."""
        settings = session.merge_environment_settings(
            prepped_request.url,
            proxies=extra_options.get("proxies") or {},
            stream=extra_options.get("stream"),
            verify=extra_options.get("verify"),
            cert=extra_options.get("cert"),
        )
        response = session.send(
            prepped_request,
            timeout=extra_options.get("timeout"),
            allow_redirects=extra_options.get("allow_redirects", True),
            **settings,
        )
        if extra_options.get("check_response", True):
            self.check_response(response)
        return response

    def check_response(self, response: Any) -> None:
        """Raises HttpErrorException for a status of 400 or above; the answer goes to the log."""
        if response.status_code >= 400:
            self.log.error("HTTP error: %s", response.reason)
            self.log.error(response.text)
            raise HttpErrorException(f"{response.status_code}:{response.reason}")

    def run_with_advanced_retry(self, _retry_args: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """As `run`, tried again as tenacity's arguments say."""
        with extra("http", "retry_args"):
            import tenacity
        return tenacity.Retrying(**_retry_args)(self.run, *args, **kwargs)

    def url_from_endpoint(self, endpoint: str | None) -> str:
        """The endpoint below the connection's URL. Raises AirflowException when neither names a server."""
        if not self.base_url:
            if endpoint and urlsplit(endpoint).netloc:
                return endpoint
            raise AirflowException(
                f"connection {self.http_conn_id!r} does not exist and the endpoint {endpoint!r} is no whole URL; "
                f"`tuiflow connections set {self.http_conn_id} http --host ...`"
            )
        between = "/" if endpoint and not self.base_url.endswith("/") and not endpoint.startswith("/") else ""
        return f"{self.base_url}{between}{endpoint or ''}"

    def test_connection(self) -> tuple[bool, str]:
        """Whether the server answers a GET; an answer that refuses is one."""
        self.method = "GET"
        response = self.run(extra_options={"check_response": False, "timeout": 30})
        is_fine = response.status_code < 500 and response.status_code not in (401, 403, 407)
        return is_fine, f"{self.base_url} answered {response.status_code} {response.reason}"


def _basic_auth() -> Any:
    from requests.auth import HTTPBasicAuth

    return HTTPBasicAuth


def _keep_alive_adapter(idle_s: int, count: int, interval_s: int) -> Any:
    """Connections that notice after `idle_s` and `count` probes that the other side is gone."""
    from requests.adapters import DEFAULT_POOLSIZE, HTTPAdapter

    options = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle_s),
        (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, count),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval_s),
    ]
    adapter = HTTPAdapter()
    adapter.init_poolmanager(DEFAULT_POOLSIZE, DEFAULT_POOLSIZE, socket_options=options)
    return adapter
