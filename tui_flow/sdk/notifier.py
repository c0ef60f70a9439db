"""`BaseNotifier`: a callback with template fields, usable wherever a function is."""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping
from typing import Any

from tui_flow.sdk.templater import Templater


class BaseNotifier(Templater):
    """Subclasses set `template_fields` and implement `notify(context)`."""

    def notify(self, context: Mapping[str, Any]) -> None:
        """Tell somebody."""
        raise NotImplementedError(f"{type(self).__name__} has no notify(context)")

    @property
    def log(self) -> logging.Logger:
        return logging.getLogger("tui_flow.task")

    def render_template_fields(self, context: Mapping[str, Any], jinja_env: Any = None) -> None:
        environment = jinja_env or self.get_template_env(context.get("dag"))
        self._do_render_template_fields(self, self.template_fields, context, environment, set())

    def __call__(self, *args: Any) -> None:
        """As a callback: with the context, or (for Airflow 2's SLA callbacks) positional facts, which are dropped."""
        context = args[0] if len(args) == 1 and isinstance(args[0], Mapping) else {}
        rendered = copy.copy(self)  # one notifier may serve several tasks and tries
        rendered.render_template_fields(context)
        rendered.notify(context)
