"""The part of the program that changes something: verbs of `actions`, taking a pause back, answers, the scheduler."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from tui_flow import times
from tui_flow.errors import HomeError, TuiflowError
from tui_flow.tui.deeds import Deeds
from tui_flow.tui.feed import Feed
from tui_flow.tui.forms import Entered
from tui_flow.tui.pauses import LastPause
from tui_flow.tui.places import Place


class Doing:
    """A part of `Dashboard`, which has the rest."""

    deeds: Deeds
    feed: Feed
    drafts: dict[str, Entered]
    _pauses = LastPause()

    @property
    def place(self) -> Place:
        raise NotImplementedError

    def toast(self, text: str) -> None:
        raise NotImplementedError

    def reload(self) -> None:
        raise NotImplementedError

    async def open_sheet(self, name: str, *args: Any) -> None:
        raise NotImplementedError

    async def perform(self, verb: str, **args: Any) -> Any:
        """Do something, in a thread; None and a toast that says why where it was refused."""
        try:
            answer = await asyncio.to_thread(self.deeds.act, verb, **args)
        except (TuiflowError, OSError) as err:
            self.toast(str(err))
            return None
        if verb == "pause_dag":
            self._pauses = self._pauses.then(answer["changed"], answer["is_paused"], times.now())
        return answer

    async def rehearse(self, verb: str, **args: Any) -> Any:
        """What `perform` would answer. Raises TuiflowError."""
        try:
            return await asyncio.to_thread(self.deeds.preview, verb, **args)
        except OSError as err:
            raise HomeError(str(err)) from err

    async def action_answer(self) -> None:
        """What waits for a person: on a log of that task, else of the run, the DAG, or anywhere."""
        place = self.place
        await self.open_sheet("answer", place if place.page == "log" else replace(place, task_id=""))

    async def action_undo(self) -> None:
        """Take the last pause back, of all DAGs that it was for."""
        undone, self._pauses = self._pauses, LastPause()
        for dag_id in undone.dag_ids:
            if await self.perform("pause_dag", dag_id=dag_id, is_paused=not undone.is_paused) is None:
                return
        self._pauses = LastPause()
        names = ", ".join(undone.dag_ids[:3]) + (" ..." if len(undone.dag_ids) > 3 else "")
        turned = "on again" if undone.is_paused else "paused"
        self.toast(f"taken back: {names} {turned}" if names else "there is no pause to take back")

    async def action_start(self) -> None:
        if self.feed.scheduler() is not None:
            self.toast("the scheduler is running")
            return
        self.toast("starting the scheduler ...")
        try:
            await asyncio.to_thread(self.deeds.start_scheduler)
        except TuiflowError as err:
            self.toast(str(err))
            return
        self.toast("the scheduler is running; `tuiflow down` stops it")
        self.reload()
