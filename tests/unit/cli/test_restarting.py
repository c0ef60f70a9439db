"""A scheduler that crashes starts again, and stays down when that does not help."""

from __future__ import annotations

import os

import pytest

from tui_flow.cli.restarting import CRASHES, restarting
from tui_flow.errors import HomeLocked


def crash() -> None:
    raise KeyError("planted")


class Process:
    """What one scheduler after the other does to it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []
        self.commands: list[list[str]] = []

    def live(self, lasts_s: float = 0.0) -> None:
        self.now += lasts_s
        restarting(
            crash,
            clock=lambda: self.now,
            sleep=self.pauses.append,
            execute=lambda _path, command: self.commands.append(list(command)),
        )


@pytest.fixture(autouse=True)
def _no_crashes_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CRASHES, "")


def test_it_gives_up_after_five_crashes_in_a_minute() -> None:
    process = Process()
    for _ in range(4):
        process.live()
    with pytest.raises(KeyError, match="planted"):
        process.live()
    assert process.pauses == [0.5, 1.0, 2.0, 4.0] and len(process.commands) == 4
    assert {command[-1] for command in process.commands} == {"scheduler"}
    assert CRASHES not in os.environ


def test_crashes_of_long_ago_do_not_count() -> None:
    process = Process()
    for _ in range(12):
        process.live(lasts_s=30.0)
    assert set(process.pauses[2:]) == {1.0}


def test_what_the_user_can_mend_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked() -> None:
        assert CRASHES not in os.environ
        raise HomeLocked("held")

    monkeypatch.setenv(CRASHES, "1.0")
    with pytest.raises(HomeLocked):
        restarting(locked, execute=lambda *_: pytest.fail("started again"))
