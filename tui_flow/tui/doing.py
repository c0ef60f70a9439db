"""The part of the program that changes something: verbs of `actions`, undo, answers, the scheduler."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from tui_flow import times
from tui_flow.errors import HomeError, TuiflowError
from tui_flow.tui.deeds import Deeds
from tui_flow.tui.feed import Feed
from tui_flow.tui.forms import Entered
from tui_flow.tui.places import Place
from tui_flow.tui.views.undo import Undo, undo_of


class Doing:
    """A part of `Dashboard`, which has the rest."""

    deeds: Deeds
    feed: Feed
    drafts: dict[str, Entered]
    _undo = Undo()

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
        self._undo = self._undo.then(undo_of(verb, args, answer, times.now()))
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
        """Take the last pause or mark back, of all that it was for."""
        undo, self._undo = self._undo, Undo()
        if problem := undo.problem(times.now()):
            self.toast(problem)
            return
        for verb, args in undo.calls:
            if await self.perform(verb, **args) is None:
                return
        self._undo = Undo()
        self.toast(undo.said)

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
