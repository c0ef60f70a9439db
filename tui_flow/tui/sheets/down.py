"""Stop the scheduler, after a question: what becomes of the tasks that run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from textual.widget import Widget

from tui_flow.errors import TuiflowError
from tui_flow.state import TaskState
from tui_flow.tui import palette
from tui_flow.tui.forms import Choices
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.text import Piece
from tui_flow.tui.views.deeds import Deed, Preview, command

MODES = ("leave", "drain", "kill")
_THEN = {
    "leave": "They go on, and the next scheduler records their results.",
    "drain": "Nothing more is started; the scheduler ends once they have.",
    "kill": "They are killed.",
}


class DownSheet(AskingSheet):
    VERB = "stop it"
    TITLE = "Stop the scheduler"

    def fields(self) -> Sequence[Widget]:
        return (Choices("Running tasks", ("go on", "are waited for", "are stopped too"), id="down-mode"),)

    @property
    def _mode(self) -> str:
        return MODES[self.query_one("#down-mode", Choices).index]

    def wanted(self) -> str:
        return "" if self.desk.feed.scheduler() else "no scheduler is running; S starts one"

    def deeds(self) -> Sequence[Deed]:
        flags = {"drain": "--drain", "kill": "--kill-tasks"}
        return [Deed("down", {"mode": self._mode}, command("down", flags.get(self._mode, "")))]

    async def _rehearsed(self, deeds: Sequence[Deed]) -> tuple[list[Deed], list[Any]]:
        """It is no verb of `actions`: there is nothing to rehearse."""
        return [*deeds], []

    async def preview(self, _answers: Sequence[Any]) -> Preview:
        counts = await self.desk.feed.read(lambda reader: reader.live_counts())
        return Preview(kills=counts.get(TaskState.RUNNING, 0), runs=1)

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        tasks = "No task runs now. "
        if preview.kills:
            tasks = "1 task runs now. " if preview.kills == 1 else f"{preview.kills} tasks run now. "
        return [
            ("This will stop the scheduler: nothing starts until one runs again. ", palette.BOLD),
            (
                tasks + (_THEN[self._mode] if preview.kills else ""),
                palette.BAD if self._mode == "kill" else palette.DIM,
            ),
        ]

    async def carry_out(self, deed: Deed) -> Any:
        self.desk.toast("stopping the scheduler ...")
        try:
            await asyncio.to_thread(self.desk.deeds.stop_scheduler, self._mode)
        except TuiflowError as err:
            self.desk.toast(str(err))
            return None
        return self._mode

    def done(self, _preview: Preview, answers: Sequence[Any]) -> str:
        self.desk.reload()
        if answers == ["drain"]:
            return "the scheduler starts nothing more, and ends with the tasks that run"
        return "the scheduler is stopped; S starts one"
