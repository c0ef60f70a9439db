"""`airflow.utils.log.logging_mixin`."""

from __future__ import annotations

import logging
from typing import Any


class LoggingMixin:
    """Gives a class `self.log`, whose lines end up in the task's log."""

    def __init__(self, context: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    @property
    def log(self) -> logging.Logger:
        return logging.getLogger(f"tui_flow.task.{type(self).__module__}.{type(self).__qualname__}")

    @classmethod
    def logger(cls) -> logging.Logger:
        return logging.getLogger(f"tui_flow.task.{cls.__module__}.{cls.__qualname__}")
