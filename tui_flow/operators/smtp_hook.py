"""`SmtpHook` and `send_email`: mails through the server that a connection names."""

from __future__ import annotations

import mimetypes
import re
import smtplib
import socket
import ssl
from collections.abc import Iterable, Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from tui_flow.sdk.airflow_options import set_option
from tui_flow.sdk.connection import Connection
from tui_flow.sdk.exceptions import AirflowException, AirflowNotFoundException
from tui_flow.sdk.hook import BaseHook

Addresses = str | Iterable[str]
_WITHOUT_SSL = (25, 587)
"""Ports where a connection begins in clear text; STARTTLS comes then."""


def _server_of_airflow() -> Connection | None:
    """The server of Airflow's `[smtp]`, where somebody has set its `smtp_host`."""
    said = {key: set_option("smtp", f"smtp_{key}") for key in ("host", "port", "user", "password")}
    if said["host"] is None:
        return None
    options = {
        "disable_ssl": not _is_on(set_option("smtp", "smtp_ssl") or False),
        "disable_tls": not _is_on(set_option("smtp", "smtp_starttls") or True),
        "from_email": set_option("smtp", "smtp_mail_from") or "airflow@example.com",
        "timeout": set_option("smtp", "smtp_timeout") or "30",
        "retry_limit": set_option("smtp", "smtp_retry_limit") or "5",
    }
    return Connection(
        conn_id=SmtpHook.default_conn_name,
        conn_type="smtp",
        host=said["host"],
        port=int(said["port"] or 25),
        login=said["user"],
        password=said["password"],
        extra=options,
    )


class SmtpHook(BaseHook):
    """Use as a context manager. Extra: `from_email`, `disable_ssl`, `disable_tls`, `timeout`, `retry_limit`,
    `ssl_context` ("default" or "none"), `subject_template` and `html_content_template` (files). Without a connection
    `smtp_default` the server of Airflow's `[smtp]` is meant."""

    conn_name_attr = "smtp_conn_id"
    default_conn_name = "smtp_default"
    conn_type = "smtp"
    hook_name = "SMTP"

    def __init__(self, smtp_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.smtp_conn_id = smtp_conn_id
        self.smtp_client: smtplib.SMTP | None = None

    @cached_property
    def connection(self) -> Connection:
        """Raises AirflowNotFoundException."""
        try:
            return self.get_connection(self.smtp_conn_id)
        except AirflowNotFoundException:
            if self.smtp_conn_id != self.default_conn_name or (server := _server_of_airflow()) is None:
                raise
            return server

    @cached_property
    def options(self) -> dict[str, Any]:
        return self.connection.extra_dejson

    def __enter__(self) -> Self:
        return self.get_conn()

    def __exit__(self, *_exc: object) -> None:
        if self.smtp_client is not None:
            self.smtp_client.close()
            self.smtp_client = None

    def get_conn(self) -> Self:
        """Connect and log in. Raises AirflowException when the server hangs up each time, or is not there."""
        if self.smtp_client is None:
            self.smtp_client = self._connected()
        return self

    def _connected(self) -> smtplib.SMTP:
        limit = int(self.options.get("retry_limit", 5))
        for attempt in range(1, limit + 1):
            try:
                return self._client()
            except smtplib.SMTPServerDisconnected as err:
                self.log.warning("The mail server hung up (attempt %d of %d): %s", attempt, limit, err)
            except (ConnectionError, TimeoutError, socket.gaierror) as err:
                where = f"{self.connection.host or 'localhost'}:{self.connection.port or 'its usual port'}"
                raise AirflowException(
                    f"the mail server {where} of connection {self.smtp_conn_id!r} cannot be reached: {err}"
                ) from err
        raise AirflowException(f"the mail server of connection {self.smtp_conn_id!r} hangs up; is it SSL or STARTTLS?")

    def _client(self) -> smtplib.SMTP:
        connection = self.connection
        where: dict[str, Any] = {
            "host": connection.host or "localhost",
            "timeout": int(self.options.get("timeout", 30)),
        }
        if connection.port:
            where["port"] = connection.port
        if not _is_on(self.options.get("disable_ssl", connection.port in _WITHOUT_SSL)):
            client: smtplib.SMTP = smtplib.SMTP_SSL(**where, context=self._ssl_context())
        else:
            client = smtplib.SMTP(**where)
            if not _is_on(self.options.get("disable_tls", False)):
                client.starttls(context=self._ssl_context())
        if connection.login and connection.password:
            client.login(connection.login, connection.password)
        return client

    def _ssl_context(self) -> ssl.SSLContext:
        wanted = self.options.get("ssl_context") or "default"
        if wanted not in ("default", "none"):
            raise AirflowException(
                f"connection {self.smtp_conn_id!r}: ssl_context must be default or none, not {wanted!r}"
            )
        return ssl.create_default_context() if wanted == "default" else ssl._create_unverified_context()

    def send_email_smtp(
        self,
        *,
        to: Addresses,
        subject: str | None = None,
        html_content: str | None = None,
        from_email: str | None = None,
        files: Iterable[str] | None = None,
        dryrun: bool = False,
        cc: Addresses | None = None,
        bcc: Addresses | None = None,
        mime_subtype: str = "mixed",
        mime_charset: str = "utf-8",
        custom_headers: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Send one mail. Raises AirflowException when nobody said who sends it, what about, or what."""
        message = EmailMessage()
        message["Subject"] = subject or self._of_file("subject", "subject_template")
        message["From"] = sender = from_email or self._sender()
        message["To"] = ", ".join(email_addresses(to))
        if cc:
            message["Cc"] = ", ".join(email_addresses(cc))
        message["Date"], message["Message-ID"] = formatdate(localtime=True), make_msgid()
        for name, value in (custom_headers or {}).items():
            message[name] = str(value)
        text = html_content or self._of_file("html_content", "html_content_template")
        message.set_content(text, subtype="html", charset=mime_charset)
        attach_files(message, files or (), mime_subtype)
        recipients = [address for group in (to, cc, bcc) if group for address in email_addresses(group)]
        if not dryrun:
            self._send(message, sender, recipients)

    def _sender(self) -> str:
        sender = self.options.get("from_email") or self.connection.login
        if not sender:
            raise AirflowException(f"give from_email, or put it into the extra of connection {self.smtp_conn_id!r}")
        return str(sender)

    def _of_file(self, argument: str, option: str) -> str:
        path = self.options.get(option)
        if not path:
            raise AirflowException(f"give {argument}, or name its file as {option} of connection {self.smtp_conn_id!r}")
        return Path(path).read_text(encoding="utf-8").strip()

    def _send(self, message: EmailMessage, sender: str, recipients: list[str]) -> None:
        limit = int(self.options.get("retry_limit", 5))
        for attempt in range(1, limit + 1):
            self.get_conn()
            assert self.smtp_client is not None
            try:
                self.smtp_client.send_message(message, sender, recipients)
                return
            except smtplib.SMTPServerDisconnected:
                self.smtp_client = None
                if attempt == limit:
                    raise

    def test_connection(self) -> tuple[bool, str]:
        """Whether the server lets us in."""
        with self:
            assert self.smtp_client is not None
            code, answer = self.smtp_client.noop()
        return code == 250, f"{self.connection.host} answered {code} {answer.decode(errors='replace')}"


def send_email(
    to: Addresses,
    subject: str,
    html_content: str,
    files: Iterable[str] | None = None,
    dryrun: bool = False,
    cc: Addresses | None = None,
    bcc: Addresses | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    conn_id: str | None = None,
    custom_headers: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> None:
    """Send one mail through the connection `conn_id` (`smtp_default`)."""
    with SmtpHook(conn_id or SmtpHook.default_conn_name) as hook:
        hook.send_email_smtp(
            to=to,
            subject=subject,
            html_content=html_content,
            files=files,
            dryrun=dryrun,
            cc=cc,
            bcc=bcc,
            mime_subtype=mime_subtype,
            mime_charset=mime_charset,
            custom_headers=custom_headers,
            **kwargs,
        )


send_email_smtp = send_email


def email_addresses(addresses: Addresses) -> list[str]:
    """One or several addresses as a list; text may hold several behind commas or semicolons."""
    if isinstance(addresses, str):
        return [address for address in re.split(r"\s*[,;]\s*", addresses.strip()) if address]
    found = list(addresses)
    if not all(isinstance(address, str) for address in found):
        raise TypeError(f"mail addresses must be text: {found!r:.80}")
    return found


def attach_files(message: EmailMessage, files: Iterable[str], mime_subtype: str) -> None:
    for path in map(Path, files):
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        message.add_attachment(path.read_bytes(), maintype=main, subtype=sub, filename=path.name, cid=f"<{path.name}>")
    if message.is_multipart() and mime_subtype != "mixed":
        message.set_type(f"multipart/{mime_subtype}")


def _is_on(value: Any) -> bool:
    return value.strip().lower() in ("true", "1", "yes", "on") if isinstance(value, str) else bool(value)
