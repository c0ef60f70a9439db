"""The part of the program that asks the scheduler what holds it: the database does not tell."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from textual.css.query import NoMatches

from tui_flow import times
from tui_flow.errors import TuiflowError
from tui_flow.tui.deeds import Deeds
from tui_flow.tui.holds import Holds, Pace, holds_of, pace_of
from tui_flow.tui.status import Status

ASK_EVERY_S = 3.0
ASK_SOON_S = 0.5
"""After something was committed."""
STARTS_WITHIN = timedelta(seconds=15)
"""So long it may hold the home before it answers."""
SILENT_AFTER = 2
"""Questions in a row that nobody answered."""


class Holding:
    """A part of `Dashboard`, which has the rest."""

    deeds: Deeds
    status: Status
    pace = Pace()
    """How fast the scheduler goes, as it said last."""
    _asked_at = 0.0
    _is_asking = False
    _unanswered = 0

    def say(self) -> None:
        raise NotImplementedError

    async def action_accept_clock(self) -> None:
        await self.open_sheet("clock", self.status.holds.clock)

    async def open_sheet(self, name: str, *args: object) -> None:
        raise NotImplementedError

    def meanwhile(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it while the screen goes on."""
        raise NotImplementedError

    def _ask_scheduler(self, has_news: bool) -> None:
        """Where one runs and it is time; the answer is not waited for."""
        now = asyncio.get_running_loop().time()
        is_due = now - self._asked_at >= (ASK_SOON_S if has_news else ASK_EVERY_S)
        if is_due and not self._is_asking and self.status.scheduler is not None:
            self._asked_at, self._is_asking = now, True
            self.meanwhile(self._hear())

    async def _hear(self) -> None:
        try:
            holds = await self._holds()
        finally:
            self._is_asking = False
        if holds != self.status.holds:
            self.status = replace(self.status, holds=holds)
            with suppress(NoMatches):  # the dashboard was left meanwhile
                self.say()

    async def _holds(self) -> Holds:
        holder = self.status.scheduler
        try:
            answer = await asyncio.to_thread(self.deeds.ask_scheduler)
        except TuiflowError:
            self._unanswered += 1
            is_new = holder is None or times.now() - holder.since < STARTS_WITHIN
            is_silent = self._unanswered >= SILENT_AFTER and not is_new and holder == self.status.scheduler
            return Holds(is_silent=True) if is_silent else self.status.holds
        self._unanswered = 0
        self.pace = pace_of(answer)
        return holds_of(answer)
