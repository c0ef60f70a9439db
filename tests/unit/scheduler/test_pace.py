"""How fast the scheduler goes."""

from __future__ import annotations

import pytest

from tui_flow.scheduler.pace import KEPT, Pace


def test_half_of_the_rounds_and_nearly_all_writes_of_late(monkeypatch: pytest.MonkeyPatch) -> None:
    pace = Pace()
    assert pace.facts() == {"round_ms": None, "write_ms": None, "late_s": None}
    now = 0.0
    monkeypatch.setattr("time.perf_counter", lambda: now)
    for number in range(1, 2 * KEPT + 1):
        with pace.round():
            now += 0.001
        with pace.write():
            now += number / 1000
    pace.late(0.25)
    assert pace.facts() == {"round_ms": 1.0, "write_ms": 996.0, "late_s": 0.25}


def test_what_fails_does_not_count() -> None:
    pace = Pace()
    with pytest.raises(ValueError, match="x"), pace.write():
        raise ValueError("x")
    assert pace.facts()["write_ms"] is None
