"""What is set aside comes back later each time, until its turn goes well."""

from __future__ import annotations

import pytest

from tui_flow.scheduler.set_aside import SetAside


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_each_failure_doubles_the_pause(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    aside = SetAside(clock)
    assert aside.add(7, KeyError("x"))
    pauses = []
    for _ in range(12):
        wake = aside.next_wake()
        assert wake is not None
        pauses.append(wake - clock.now)
        clock.now = wake - 0.01
        assert aside.holds(7) and aside.due() == []
        clock.now = wake
        assert aside.due() == [7] and not aside.holds(7) and aside.next_wake() is None
        assert not aside.add(7, KeyError("x"))
    assert pauses[:4] == [1.0, 2.0, 4.0, 8.0] and pauses[-1] == 300.0
    assert [record.exc_info is not None for record in caplog.records] == [True] + [False] * 12


def test_what_went_well_is_forgotten() -> None:
    clock = Clock()
    aside = SetAside(clock)
    aside.add("etl", ValueError("two\nlines"))
    aside.add(7, KeyError("x"))
    assert aside.reasons() == {"etl": "ValueError: two lines", 7: "KeyError: 'x'"}
    aside.forget("etl")
    aside.forget("never known")
    assert not aside.holds("etl") and aside.holds(7)
    aside.forget(7)
    assert aside.next_wake() is None and aside.reasons() == {}
