"""`EmailOperator`: sends a mail."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, ClassVar

from tui_flow.operators.smtp_hook import Addresses, SmtpHook, send_email
from tui_flow.sdk.context import Context
from tui_flow.sdk.operator import BaseOperator


class EmailOperator(BaseOperator):
    """Through the connection `conn_id`; `html_content` may be a `.html` template file."""

    template_fields: Collection[str] = (
        "to",
        "subject",
        "html_content",
        "from_email",
        "files",
        "cc",
        "bcc",
        "mime_subtype",
        "mime_charset",
        "custom_headers",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"html_content": "html"}
    template_ext: Collection[str] = (".html",)
    ui_color = "#e6faf9"

    def __init__(
        self,
        *,
        to: Addresses,
        subject: str | None = None,
        html_content: str | None = None,
        from_email: str | None = None,
        files: list[Any] | str | None = None,
        cc: Addresses | None = None,
        bcc: Addresses | None = None,
        mime_subtype: str = "mixed",
        mime_charset: str = "utf-8",
        conn_id: str | None = None,
        smtp_conn_id: str = SmtpHook.default_conn_name,
        custom_headers: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.to, self.cc, self.bcc, self.from_email = to, cc, bcc, from_email
        self.subject, self.html_content, self.files = subject, html_content, files or []
        self.mime_subtype, self.mime_charset = mime_subtype, mime_charset
        self.conn_id, self.custom_headers = conn_id or smtp_conn_id, custom_headers

    def execute(self, context: Context) -> None:
        with SmtpHook(self.conn_id) as hook:
            hook.send_email_smtp(
                to=self.to,
                subject=self.subject,
                html_content=self.html_content,
                from_email=self.from_email,
                files=_paths(self.files),
                cc=self.cc,
                bcc=self.bcc,
                mime_subtype=self.mime_subtype,
                mime_charset=self.mime_charset,
                custom_headers=self.custom_headers,
            )


def _paths(files: Any) -> list[str]:
    """Paths; a template may have made the list one text."""
    if isinstance(files, str):
        files = json.loads(files.replace("'", '"')) if files.strip().startswith("[") else [files]
    return [str(path) for path in files]


__all__ = ["EmailOperator", "send_email"]
