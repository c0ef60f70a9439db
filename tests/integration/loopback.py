"""Servers on this machine's loopback, for operators that speak to one: HTTP, SMTP, SSH with SFTP."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, str]


@dataclass
class HttpServer:
    """Answers as `answers` says, by path; without an answer it echoes the request as JSON."""

    port: int = 0
    answers: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)

    @property
    def connection(self) -> dict[str, Any]:
        return {"conn_type": "http", "host": "127.0.0.1", "port": self.port}


@contextmanager
def http_server() -> Iterator[HttpServer]:
    server = HttpServer()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            told = {"method": self.command, "path": self.path, "body": body, "headers": dict(self.headers)}
            server.requests.append(told)
            answer = server.answers.get(self.path.partition("?")[0], lambda: (200, json.dumps(told)))
            status, text = answer()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text.encode())

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _answer

        def log_message(self, *_args: Any) -> None: ...

    real = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.port = real.server_address[1]
    thread = threading.Thread(target=real.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        real.shutdown()
        real.server_close()
        thread.join()


@dataclass
class MailServer:
    port: int = 0
    mails: list[Any] = field(default_factory=list)
    """aiosmtpd envelopes: `mail_from`, `rcpt_tos`, `content`."""

    @property
    def connection(self) -> dict[str, Any]:
        extra = {"disable_ssl": True, "disable_tls": True, "from_email": "flow@example.com"}
        return {"conn_type": "smtp", "host": "127.0.0.1", "port": self.port, "extra": json.dumps(extra)}


@contextmanager
def mail_server(login: tuple[str, str] | None = None) -> Iterator[MailServer]:
    """With `login` it takes mails only from who knows the user's name and password."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    server = MailServer()

    class Handler:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            server.mails.append(envelope)
            return "250 OK"

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> Any:
        return AuthResult(success=login == (data.login.decode(), data.password.decode()), handled=False)

    class OnAnyPort(Controller):  # type: ignore[misc]
        def _trigger_server(self) -> None:
            server.port = self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()

    options: dict[str, Any] = (
        {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False} if login else {}
    )
    controller = OnAnyPort(Handler(), hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@dataclass
class SshServer:
    port: int
    host_key: str
    """As `ssh-keyscan` tells it: type and base64."""
    login: str = "me"
    password: str = "ssh-pass-word"

    @property
    def connection(self) -> dict[str, Any]:
        extra = {"host_key": self.host_key, "look_for_keys": False}
        return {
            "conn_type": "ssh",
            "host": "127.0.0.1",
            "port": self.port,
            "login": self.login,
            "password": self.password,
            "extra": json.dumps(extra),
        }


@contextmanager
def ssh_server() -> Iterator[SshServer]:
    """asyncssh's server, in a thread: runs commands by `bash -c` and has this machine's files by SFTP."""
    import asyncio

    import asyncssh

    key = asyncssh.generate_private_key("ssh-ed25519")
    server = SshServer(0, " ".join(key.export_public_key().decode().split()[:2]))

    class Access(asyncssh.SSHServer):  # type: ignore[misc]
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (server.login, server.password)

    async def run(process: Any) -> None:
        child = await asyncio.create_subprocess_exec(
            "bash", "-c", process.command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, env={**os.environ, **process.env},
        )  # fmt: skip
        await process.redirect(stdout=child.stdout, stderr=child.stderr)
        code = await child.wait()
        await process.stdout.drain()
        process.exit(code)

    ready = threading.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        listening = await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Access, server_host_keys=[key], process_factory=run, sftp_factory=True,
            encoding=None,
        )  # fmt: skip
        server.port = listening.get_port()
        ready.set()

    def main() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks))
        loop.close()

    thread = threading.Thread(target=main)
    thread.start()
    ready.wait(20)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
