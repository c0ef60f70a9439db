"""`BaseAsyncOperator`: a task that is a coroutine, run in the task's own process."""

from __future__ import annotations

from typing import Any

from tui_flow.sdk.callables import call
from tui_flow.sdk.context import Context
from tui_flow.sdk.operator import BaseOperator


class BaseAsyncOperator(BaseOperator):
    """Subclasses implement `aexecute(context)`."""

    @property
    def is_async(self) -> bool:
        return True

    async def aexecute(self, context: Context) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no aexecute()")

    def execute(self, context: Context) -> Any:
        return call(self.aexecute, (context,), {})
