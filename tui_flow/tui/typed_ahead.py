"""Keys that come faster than they are dealt with: over a slow line several arrive at once.

Textual hands a key to what has the focus at that moment. So that the second key reaches what the first one opens, each
is held back until the one before has been through: a message follows the key along the same way, twice, and by the time
the program has it, and has done what was asked of it meanwhile, the key has done its work.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message
from textual.widget import Widget

MOST_HELD = 200
"""Keys; what comes beyond that is pasted or leaned upon, and dropped."""
PATIENCE_S = 3.0
"""So long a key is waited for: what it was handed to may be gone."""


class KeyDone(Message):
    """Comes behind a key; then once more, behind what the key's reader has said to its page because of it."""

    def __init__(self, number: int, reader: Widget, is_second: bool = False) -> None:
        super().__init__()
        self.number = number
        self.reader = reader
        self.is_second = is_second


class TypesAhead(App[int]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held: deque[events.Key] = deque()
        self._number = 0
        """Of the key that was handed over last."""
        self._patience: asyncio.TimerHandle | None = None
        """Set while that one is on its way."""

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
        elif self._patience is None and not self._held:
            await self._hand_over(event)
        elif len(self._held) < MOST_HELD:
            self._held.append(event)

    async def _hand_over(self, key: events.Key) -> None:
        self._number += 1
        self._patience = asyncio.get_running_loop().call_later(PATIENCE_S, self._let_next, self._number)
        to = self.focused or self.screen
        await super().on_event(key)
        to.post_message(KeyDone(self._number, to))

    def on_key_done(self, message: KeyDone) -> None:
        number, reader = message.number, message.reader
        if message.is_second or not reader.post_message(KeyDone(number, reader, is_second=True)):
            self.call_later(self._let_next, number)

    def _let_next(self, number: int) -> None:
        if number == self._number and self._patience is not None:
            self._patience.cancel()
            self._patience = None
            if self._held:
                self.call_later(self._take_next)

    async def _take_next(self) -> None:
        if self._held:
            await self._hand_over(self._held.popleft())
