"""`EmptyOperator`: does nothing; a place where ways of a DAG meet. It succeeds without a process."""

from __future__ import annotations

from typing import Any

from tui_flow.sdk.context import Context
from tui_flow.sdk.operator import BaseOperator


class EmptyOperator(BaseOperator):
    """Does nothing."""

    ui_color = "#e8f7e4"
    inherits_from_empty_operator = True

    def execute(self, context: Context) -> Any:
        pass
