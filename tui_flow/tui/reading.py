"""The part of the program that reads: what a page shows when something was committed, and what the cursor is on
whenever it moves, which is less and read apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tui_flow import times
from tui_flow.errors import DatabaseMissing, TuiflowError
from tui_flow.settings import Home
from tui_flow.store.lock import Holder
from tui_flow.tui.feed import Feed
from tui_flow.tui.holding import Holding
from tui_flow.tui.holds import NONE, Holds
from tui_flow.tui.page import Page
from tui_flow.tui.report import write_report
from tui_flow.tui.status import Status, StatusKept

LOOK_EVERY_S = 0.25
LOOK_EVERY_AWAY_S = 2.0
"""While the terminal's window does not have the focus."""
TRIES_AGAIN_AT = 8
"""Looks after which what could not be read is read again."""
FRESH_S = 30.0
"""How long a page is good that shows more than the database tells: disk space, files."""


class Reading(Holding):
    """A part of `Dashboard`, which has the rest."""

    home: Home
    feed: Feed
    status: Status
    counts: StatusKept
    _is_reading = False
    _wants_page = False
    _wants_cursor = False
    _has_focus = True
    _ticks = 0
    _minute = ""
    _read_at: dict[str, tuple[int, float]]
    """By page: how much had happened when it was read for its place, and when that was."""
    _toast: tuple[str, float]

    @property
    def page(self) -> Page | None:
        raise NotImplementedError

    def say(self) -> None:
        raise NotImplementedError

    def toast(self, text: str) -> None:
        raise NotImplementedError

    async def _look(self) -> None:
        """Four times a second: whether something is new."""
        if self.feed.is_closed:
            return
        self._ticks += 1
        every = 1 if self._has_focus else round(LOOK_EVERY_AWAY_S / LOOK_EVERY_S)
        if self._ticks % every:
            return
        has_news = self.feed.has_news()
        tries_again = bool(self.status.problem) and self._ticks % TRIES_AGAIN_AT == 0
        if has_news or tries_again or self.feed.scheduler() != self.status.scheduler:
            await self._read()
        self._ask_scheduler(has_news)
        minute = times.now().strftime("%H:%M")
        if minute != self._minute:
            self._minute = minute
            if (page := self.page) is not None:
                page.minute()
            self.say()
        if self._toast[0] and asyncio.get_running_loop().time() > self._toast[1]:
            self._toast = ("", 0.0)
            self.say()

    async def _read_if_new(self, page: Page) -> None:
        """Read what a page shows that one comes back to, where something has happened since it was read."""
        version, at = self._read_at.get(page.NAME, (-1, 0.0))
        if version == self.feed.version and asyncio.get_running_loop().time() - at < FRESH_S:
            await self._read_cursor()
        else:
            await self._read()

    async def _read(self) -> None:
        """Read what the page shows, and what the cursor is on."""
        self._wants_page = True
        await self._read_wanted()

    async def _read_cursor(self) -> None:
        """Read only what the cursor is on."""
        self._wants_cursor = True
        await self._read_wanted()

    async def _read_wanted(self) -> None:
        """One read at a time; what is wanted meanwhile is read when it has ended."""
        if self._is_reading:
            return
        self._is_reading = True
        try:
            while self._wants_page or self._wants_cursor:
                is_whole, self._wants_page, self._wants_cursor = self._wants_page, False, False
                if self.page is None or self.feed.is_closed:
                    return
                await (self._read_whole(self.page) if is_whole else self._read_part(self.page))
        finally:
            self._is_reading = False

    async def _read_whole(self, page: Page) -> None:
        place, load, at, holder = page.place, page.load(), times.now(), self.feed.scheduler()
        version = self.feed.version
        stopped = None if holder else self.feed.stopped_at()
        last_words = self.feed.last_words(stopped) if stopped else ""
        try:
            status, model = await self.feed.read(
                lambda reader: (self.counts.load(reader, at, holder, stopped, last_words), load(reader))
            )
        except TuiflowError as err:
            self.feed.forget()
            problem = "" if isinstance(err, DatabaseMissing) and not self.feed.was_there else _said(err)
            self.status = Status(
                holder,
                stopped,
                last_words,
                problem=problem,
                unread_since=(self.status.unread_since or at) if problem else None,
                has_database=self.home.database.exists(),
                holds=self._held_by(holder),
            )
            page.show_problem(self.status)
            self.say()
            return
        except Exception as err:  # the front end's edge: one page that fails leaves the others
            self.toast(f"this page could not be read; {write_report(self.home, err)} says why")
            return
        self.status = replace(status, holds=self._held_by(holder))
        if page.place == place:
            self._show(page, page.show, model)
            if page.is_read():
                self._read_at[page.NAME] = version, asyncio.get_running_loop().time()
        else:
            self.say()

    def _held_by(self, holder: Holder | None) -> Holds:
        """What is known of the one that is known."""
        return self.status.holds if holder is not None and holder == self.status.scheduler else NONE

    async def _read_part(self, page: Page) -> None:
        place, load = page.place, page.load_cursor()
        if load is None:
            return
        try:
            model = await self.feed.read(load)
        except TuiflowError:
            self._wants_page = True  # which says what is wrong
            return
        except Exception as err:
            self.toast(f"this could not be read; {write_report(self.home, err)} says why")
            return
        if page.place == place:
            self._show(page, page.show_cursor, model)

    def _show(self, page: Page, show: Callable[[Any], None], model: Any) -> None:
        try:
            if page is self.page:
                show(model)
            self.say()
        except Exception as err:
            self.toast(f"this page could not be drawn; {write_report(self.home, err)} says why")


def _said(err: TuiflowError) -> str:
    if isinstance(err, DatabaseMissing):
        return "The database is gone. What is shown was read before; put it back, or start the scheduler anew (S)."
    return str(err)
