"""`SmtpNotifier`, `send_smtp_notification`: a callback that sends a mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tui_flow.operators.smtp_hook import Addresses, SmtpHook
from tui_flow.sdk.notifier import BaseNotifier

SUBJECT = "DAG {{ dag.dag_id }}{% if ti is defined and ti %} - task {{ ti.task_id }}{% endif %} - run {{ run_id }}"
HTML = """<p>DAG <b>{{ dag.dag_id }}</b>, run {{ run_id }}</p>
{% if ti is defined and ti %}
<p>Task <b>{{ ti.task_id }}</b>, try {{ ti.try_number }} of {{ ti.max_tries + 1 }}</p>{% endif %}
{% if exception is defined and exception %}<pre>{{ exception | string | e }}</pre>{% endif %}
{% if reason is defined and reason %}<p>{{ reason | string | e }}</p>{% endif %}
"""


class SmtpNotifier(BaseNotifier):
    """Sends a mail. Without `subject` and `html_content` the mail says which task of which run, and the exception."""

    template_fields: Collection[str] = (
        "from_email",
        "to",
        "subject",
        "html_content",
        "files",
        "cc",
        "bcc",
        "mime_subtype",
        "mime_charset",
        "custom_headers",
    )

    def __init__(
        self,
        to: Addresses,
        from_email: str | None = None,
        subject: str | None = None,
        html_content: str | None = None,
        files: list[str] | None = None,
        cc: Addresses | None = None,
        bcc: Addresses | None = None,
        mime_subtype: str = "mixed",
        mime_charset: str = "utf-8",
        custom_headers: dict[str, Any] | None = None,
        smtp_conn_id: str = SmtpHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.to, self.from_email, self.cc, self.bcc = to, from_email, cc, bcc
        self.subject, self.html_content, self.files = subject or SUBJECT, html_content or HTML, files
        self.mime_subtype, self.mime_charset = mime_subtype, mime_charset
        self.custom_headers, self.smtp_conn_id = custom_headers, smtp_conn_id

    def notify(self, context: Mapping[str, Any]) -> None:
        with SmtpHook(self.smtp_conn_id) as hook:
            hook.send_email_smtp(**{name: getattr(self, name) for name in self.template_fields})


send_smtp_notification = SmtpNotifier
