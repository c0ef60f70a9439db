"""A clock that cannot be right, as after a start without a battery: nothing is scheduled or removed by it.

Slots that are years away would be created, and all runs would be too old to keep. Whoever knows better says so with
`tuiflow clock accept`; otherwise the hold ends when the clock is set, or its synchronization is told.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from tui_flow.store.writer import Writer

SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
"""There while systemd has set the clock by others."""
_BACK, _FORTH = timedelta(days=1), timedelta(days=366)
_KEPT_EVERY = timedelta(days=1)
_log = logging.getLogger("tui_flow.scheduler")


def doubt_of(now: datetime, seen_at: datetime | None) -> str | None:
    """Why it cannot be `now` in a home that was in use at `seen_at`; None where it can."""
    if seen_at is None or seen_at - _BACK <= now <= seen_at + _FORTH:
        return None
    way = "before" if now < seen_at else "more than a year after"
    return f"the clock says {now:%Y-%m-%d %H:%M} UTC, {way} this home's last use at {seen_at:%Y-%m-%d %H:%M} UTC"


class Clock:
    """`look` once a round; `doubt` is what holds the schedules then."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._seen_at = self._kept_at = writer.reads.clock_seen_at()
        self.doubt: str | None = None

    def look(self, now: datetime) -> None:
        """Believe the clock or not; remember it where it is believed, on disk once a day."""
        doubt = doubt_of(now, self._seen_at)
        if doubt is not None and SYNCHRONIZED.exists():
            doubt = None
        if doubt is not None and self.doubt is None:
            _log.error("%s: no run is scheduled and nothing removed until it is set, or `tuiflow clock accept`", doubt)
        elif doubt is None and self.doubt is not None:
            _log.warning("the clock is believed again: it says %s", now)
        self.doubt = doubt
        if doubt is None:
            self._remember(now)

    def accept(self, now: datetime) -> None:
        """Somebody says that it is right."""
        self._seen_at = self._kept_at = None
        self.look(now)

    def _remember(self, now: datetime) -> None:
        if self._kept_at is None or abs(now - self._kept_at) >= _KEPT_EVERY:
            self._writer.set_clock_seen_at(now)
            self._kept_at = now
        self._seen_at = now
