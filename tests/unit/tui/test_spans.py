"""Durations as columns want them."""

from __future__ import annotations

import pytest

from tui_flow.tui.views.spans import short_s


@pytest.mark.parametrize(
    ("seconds", "over", "going"),
    [
        (0, "0s", "0s"),
        (-1, "0s", "0s"),
        (0.02, "<0.1s", "0s"),
        (0.53, "0.5s", "0s"),
        (9.99, "9.9s", "9s"),
        (10, "10s", "10s"),
        (62.5, "1m 02s", "1m 02s"),
        (3 * 3600 + 60, "3h 01m", "3h 01m"),
        (4 * 86400 + 14 * 3600, "4d 14h", "4d 14h"),
    ],
)
def test_what_is_over_has_tenths_where_seconds_say_too_little(seconds: float, over: str, going: str) -> None:
    assert (short_s(seconds), short_s(seconds, False)) == (over, going)
