"""`airflow.utils.email.build_mime_message`: a mail for those who send it themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any

from tui_flow.operators.smtp_hook import Addresses, attach_files, email_addresses


def build_mime_message(
    mail_from: str | None,
    to: Addresses,
    subject: str,
    html_content: str,
    files: Iterable[str] | None = None,
    cc: Addresses | None = None,
    bcc: Addresses | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    custom_headers: Mapping[str, Any] | None = None,
) -> tuple[EmailMessage, list[str]]:
    """The message and all who get it."""
    message = EmailMessage()
    message["Subject"] = subject
    if mail_from:
        message["From"] = mail_from
    message["To"] = ", ".join(email_addresses(to))
    if cc:
        message["Cc"] = ", ".join(email_addresses(cc))
    message["Date"] = formatdate(localtime=True)
    for name, value in (custom_headers or {}).items():
        message[name] = str(value)
    message.set_content(html_content, subtype="html", charset=mime_charset)
    attach_files(message, files or (), mime_subtype)
    return message, [address for group in (to, cc, bcc) if group for address in email_addresses(group)]
