"""Notices when one trigger keeps the event loop for itself, from a thread of its own."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable

from tui_flow.messages import Message

_LOOK_S = 0.25
BLOCKED_AFTER_S = 1.5
"""Without a beat; the loop beats every half second."""


class LoopWatch:
    """`on_blocked(wait_id, seconds, where)` is called once per block, its message told when the loop goes on;
    `on_stuck` at the limit. Both are called in the watch's thread."""

    def __init__(
        self,
        limit_s: float,
        on_blocked: Callable[[int | None, float, str], Message],
        on_stuck: Callable[[int | None, float, str], None],
    ) -> None:
        self._limit_s, self._on_blocked, self._on_stuck = limit_s, on_blocked, on_stuck
        self._beat_at = time.monotonic()
        self._may_block = True
        self._messages: list[Message] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread_id = threading.get_ident()

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """From the loop's thread."""
        self._loop, self._thread_id = loop, threading.get_ident()
        threading.Thread(target=self._run, daemon=True, name="loop-watch").start()

    def beat(self, may_block: bool) -> None:
        """The loop turns. Not `may_block`: nobody is to blame, what triggers ask is not answered."""
        self._beat_at, self._may_block = time.monotonic(), may_block

    def take_messages(self) -> list[Message]:
        messages, self._messages = self._messages, []
        return messages

    def _run(self) -> None:
        told_of = 0.0
        while True:
            time.sleep(_LOOK_S)
            beat_at = self._beat_at
            blocked_s = time.monotonic() - beat_at
            if blocked_s < BLOCKED_AFTER_S or not self._may_block:
                continue
            if beat_at != told_of:
                told_of = beat_at
                self._messages.append(self._on_blocked(self._culprit(), blocked_s, self._where()))
            if blocked_s > self._limit_s:
                self._on_stuck(self._culprit(), blocked_s, self._where())

    def _culprit(self) -> int | None:
        """The trigger that runs now."""
        task = asyncio.current_task(self._loop)
        name = task.get_name() if task else ""
        return int(name) if name.isdigit() else None

    def _where(self) -> str:
        frame = sys._current_frames().get(self._thread_id)
        return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "an unknown place"
