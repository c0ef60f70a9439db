"""Which callables an outcome calls: the author's callbacks, mails to `email=`, the callback of a missed deadline."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Mapping
from typing import Any

from tui_flow.sdk.exceptions import AirflowNotFoundException
from tui_flow.state import CallbackKind

_log = logging.getLogger("tui_flow.task")
_MAILED = {
    CallbackKind.TASK_FAILURE: "email_on_failure",
    CallbackKind.TASK_RETRY: "email_on_retry",
}
CallbackList = list[Callable[[Any], Any]]


def task_callbacks(task: Any, kind: CallbackKind) -> CallbackList:
    """In the order in which they are called."""
    found = list(getattr(task, f"{kind}_callback", None) or ())
    if sends_mail(task, kind):
        found.append(mail_to(task.email))
    return found


def run_callbacks(dag: Any, kind: CallbackKind, number: int) -> CallbackList:
    """Of a DAG run; `number` says which deadline was missed."""
    if kind is CallbackKind.RUN_DEADLINE:
        return [dag.deadline[number].callback.run]
    return list(getattr(dag, f"{kind.removeprefix('dag_')}_callback", None) or ())


def sends_mail(task: Any, kind: CallbackKind) -> bool:
    """Whether the author wants this outcome mailed to somebody."""
    return bool(task.email) and kind in _MAILED and bool(getattr(task, _MAILED[kind]))


def mail_to(addresses: Any) -> Callable[[Any], None]:
    """A callback that mails through the connection `smtp_default`; where there is none it only says so."""

    def send_mail(context: Mapping[str, Any]) -> None:
        notifier = importlib.import_module("tui_flow.operators.smtp_notifier").SmtpNotifier(to=addresses)
        try:
            notifier(context)
        except AirflowNotFoundException:
            _log.info("no mail is sent to %s: there is no connection 'smtp_default'", addresses)

    return send_mail
