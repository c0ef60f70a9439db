"""Which clocks are believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tui_flow.scheduler.clock import doubt_of

SEEN = datetime(2026, 5, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (SEEN, None),
        (SEEN - timedelta(hours=23), None),
        (SEEN + timedelta(days=366), None),
        (datetime(1970, 1, 1, tzinfo=UTC), "says 1970-01-01 00:00 UTC, before this home's last use at 2026-05-31"),
        (SEEN - timedelta(hours=25), "before"),
        (datetime(2099, 1, 1, tzinfo=UTC), "2099-01-01 00:00 UTC, more than a year after"),
    ],
)
def test_a_clock_far_from_the_last_use_is_doubted(now: datetime, words: str | None) -> None:
    doubt = doubt_of(now, SEEN)
    assert (words is None and doubt is None) or (words is not None and doubt is not None and words in doubt)


def test_a_new_home_has_seen_no_time() -> None:
    assert doubt_of(SEEN, None) is None
