"""The dashboard in a browser: textual-serve behind a secret in the address, on this machine only.

Each visit runs a dashboard of its own. What the browser asks for beside the page (scripts, fonts) comes from here too:
nothing is fetched from elsewhere.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
import shlex
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakSet

from tui_flow.cli.show import say
from tui_flow.errors import UsageError
from tui_flow.runtime.processes import python_module
from tui_flow.settings import home_from_environment, load_settings

if TYPE_CHECKING:
    from aiohttp import web

COOKIE = "tuiflow-token"
GOING_AWAY = 1001
"""The code of a web socket whose server ends."""
FOREIGN = re.compile(r'<link\b[^>]*href="https://[^>]*>')
"""What the page would fetch from other servers."""
POLICY = (
    "default-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def serve(host: str, port: int, allow_remote: bool) -> None:
    """Until it is interrupted. Raises UsageError for an address that others reach, and where the extra is missing."""
    if not (allow_remote or is_loopback(host)):
        raise UsageError(
            f"{host} can be reached from other machines, and what goes there is not encrypted; "
            f"add --allow-remote if you want that, or use `ssh -L {port}:127.0.0.1:{port}` to this machine"
        )
    try:
        from textual_serve.server import Server
    except ImportError as err:
        raise UsageError("the dashboard in a browser needs an extra: pip install 'tuiflow[web]'") from err
    load_settings(home_from_environment())
    port = _free(host, port)
    token = secrets.token_urlsafe(24)
    shown = f"[{host}]" if ":" in host else host
    server = Server(shlex.join(python_module("tui_flow")), host, port, "tuiflow", f"http://{shown}:{port}")
    _serve(server, token, allow_remote)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _free(host: str, port: int) -> int:
    """The port, or a free one for 0. Raises UsageError where it is taken."""
    try:
        family, kind, _proto, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except (OSError, OverflowError) as err:
        raise UsageError(f"cannot listen on {host} port {port}: {err}; give another one with --port") from err


def _serve(server: Any, token: str, allow_remote: bool) -> None:

    make, visits = server._make_app, Visits()

    async def make_guarded() -> web.Application:
        app: web.Application = await make()
        app.middlewares.append(guard(token, str(server.public_url)))
        app.on_response_prepare.append(add_headers)
        app.on_response_prepare.append(visits.remember)
        app.on_shutdown.append(visits.end)
        return app

    async def greet(_app: web.Application) -> None:
        say(f"dashboard  {_address_to_say(str(server.public_url))}/?token={token}")
        if allow_remote:
            say("whoever sees this address, or the traffic to it, can do all that you can")
        say("ctrl+c ends it")

    server._make_app, server.on_startup = make_guarded, greet
    server.initialize_logging = lambda: None  # it would print the token
    server.serve()


class Visits:
    """Browsers that look at a dashboard: each holds a socket, which the server would wait for when it is to end."""

    def __init__(self) -> None:
        self._sockets: WeakSet[web.WebSocketResponse] = WeakSet()

    async def remember(self, _request: Any, response: Any) -> None:
        if hasattr(response, "close_code"):
            self._sockets.add(response)

    async def end(self, _app: web.Application) -> None:
        """The page says then that it has ended, and its dashboard ends."""
        for visit in list(self._sockets):
            await visit.close(code=GOING_AWAY, message=b"tuiflow web was ended")


def _address_to_say(origin: str) -> str:
    """The origin; of a server that listens on every address, with the name of this machine."""
    parts = urlsplit(origin)
    return f"http://{socket.gethostname()}:{parts.port}" if _is_everywhere(parts.hostname) else origin


def is_ours(asked: str, origin: str) -> bool:
    """Whether the `Host` of a request is that of this server. One that listens everywhere answers to any address and
    to the names of this machine: another name was made to lead here by somebody else."""
    ours = urlsplit(origin)
    if not _is_everywhere(ours.hostname):
        return f"http://{asked}" == origin
    try:
        named = urlsplit(f"http://{asked}")
        name, port = named.hostname or "", named.port
    except ValueError:
        return False
    return port == ours.port and (_is_address(name) or name in _own_names())


def _own_names() -> set[str]:
    return {name.lower() for name in ("localhost", socket.gethostname(), socket.getfqdn())}


def _is_everywhere(host: str | None) -> bool:
    return _is_address(host) and ipaddress.ip_address(host or "").is_unspecified


def _is_address(host: str | None) -> bool:
    try:
        return bool(ipaddress.ip_address(host or ""))
    except ValueError:
        return False


Handler = Callable[["web.Request"], Awaitable["web.StreamResponse"]]


def guard(token: str, origin: str) -> Any:
    """Lets in who has the secret, by the address once and by a cookie then, and only pages of our own."""
    from aiohttp import web

    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.query.get("token", "") or request.cookies.get(COOKIE, "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise web.HTTPForbidden(text="this needs the whole address that `tuiflow web` printed, with its token\n")
        if not is_ours(request.host, origin):
            raise web.HTTPForbidden(text=f"ask for {_address_to_say(origin)}\n")
        here = f"http://{request.host}"
        if request.headers.get("Origin", here) != here:
            raise web.HTTPForbidden(text="pages of other sites may not use this\n")
        response = await handler(request)
        if request.path == "/" and isinstance(response, web.Response):
            response.text = _as_seen_from(here, origin, FOREIGN.sub("", response.text or ""))
            response.set_cookie(COOKIE, token, httponly=True, samesite="Strict", path="/")
        return response

    web.middleware(check)
    return check


def _as_seen_from(here: str, origin: str, page: str) -> str:
    """The page, with the server under the name that the browser knows it by."""
    return page.replace(origin, here).replace(origin.replace("http:", "ws:", 1), here.replace("http:", "ws:", 1))


async def add_headers(_request: Any, response: Any) -> None:
    """On every answer: nothing from elsewhere, nothing told elsewhere, nothing kept."""
    response.headers.update(
        {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
    )
