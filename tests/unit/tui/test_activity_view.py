"""What runs and waits, and what happened, as rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tui_flow.records import DagRun, Event, FailedAttempt, Pool, PoolUse, TaskAttempt, TaskInstance, TaskInstanceKey
from tui_flow.state import AttemptState, RunState, RunType, TaskState
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import cut, width_of
from tui_flow.tui.views.activity import (
    ActivityModel,
    Kind,
    Slots,
    Use,
    event_rows,
    in_order,
    live_heading,
    live_rows,
    ranks_of,
    slot_facts,
)

AT = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
RUN = DagRun(
    1, "media_transcode", "r1", RunType.MANUAL, RunState.RUNNING, AT, AT, AT, AT, AT, AT, None, "version", "source"
)


def ti(state: TaskState, **more: object) -> TaskInstance:
    return TaskInstance(1, "transcode_all_of_it", 3, state, 1, 2, **more)  # type: ignore[arg-type]


def line(one: TaskInstance, width: int, said: str = "it waits") -> str:
    model = ActivityModel([(RUN, one)], {one.key: said}, {one.key: said}, {one.key: Use(98, 412 * 2**20)})
    (row,) = live_rows(model, Palette(), AT, True, width)
    return "".join(text for text, _ in row.pieces)


@pytest.mark.parametrize("width", [59, 79, 119, 199])
@pytest.mark.parametrize("state", list(TaskState))
def test_columns_stand_below_their_headings_in_every_state(width: int, state: TaskState) -> None:
    one = ti(state, started_at=AT - timedelta(days=9), queued_at=AT, due_at=AT + timedelta(days=9))
    shown, heading = line(one, width), live_heading(width)
    assert (" " + shown).index("it waits") == heading.index("Does, or")
    assert " it waits" in shown, "a column ends before the next begins"


def test_a_state_says_since_when_or_until_when() -> None:
    due = AT + timedelta(minutes=4)
    assert "try 2 in 4m" in line(ti(TaskState.UP_FOR_RETRY, due_at=due), 79)
    assert "queued 40s" in line(ti(TaskState.QUEUED, queued_at=AT - timedelta(seconds=40)), 79)
    assert "7m 12s" in line(ti(TaskState.RUNNING, started_at=AT - timedelta(minutes=7, seconds=12)), 79)
    assert "cpu  98%  mem  412M" in line(ti(TaskState.RUNNING, started_at=AT), 119)


def test_events_name_the_task_that_failed_and_whether_it_runs_again() -> None:
    ended = AT - timedelta(minutes=2)
    attempt = TaskAttempt(7, 1, "fetch", -1, 1, AttemptState.FAILED, ended, "boot", ended, ended, reason="exit code 3")
    last = TaskAttempt(8, 1, "fetch", -1, 3, AttemptState.LOST, ended, "boot", ended, ended)
    event = Event(1, ended, "", "clean", None, None, None, None, None, None)
    model = ActivityModel((), failed=[FailedAttempt(RUN, attempt, 2), FailedAttempt(RUN, last, 2)], events=[event])
    texts = {
        kind: ["".join(text for text, _ in row.pieces) for row in event_rows(model, kind, Palette(), AT, True, 79)]
        for kind in Kind
    }
    assert any("14:00:00  ↻ media_transcode  fetch try 1 of 3 failed: exit code 3" in each for each in texts[Kind.ALL])
    assert any("✗ media_transcode  fetch try 3 of 3 lost, no tries left" in each for each in texts[Kind.FAILURES])
    assert texts[Kind.PEOPLE] == []
    (cleaned,) = texts[Kind.SCHEDULER]
    assert "cleaned up old runs by the scheduler" in cleaned
    assert all(width_of(cut(each, 79)) <= 79 for each in texts[Kind.ALL])


def test_full_pools_are_told_first() -> None:
    uses = [
        PoolUse(Pool("default_pool", 128), 2, 0, 0),
        PoolUse(Pool("net", 3), 2, 1, 0),
        PoolUse(Pool("db", 2), 0, 0, 0),
    ]
    assert slot_facts(Slots(5, 32, uses)) == ["slots 5/32", "pool net 3/3 full", "pool default_pool 2/128"]
    assert slot_facts(Slots(0, 32, uses[2:])) == []


def test_what_goes_on_keeps_its_place_and_what_runs_stands_first() -> None:
    def task(name: str, state: TaskState) -> tuple[DagRun, TaskInstance]:
        return RUN, replace(ti(state), task_id=name)

    waits, runs = TaskState.UP_FOR_RESCHEDULE, TaskState.RUNNING
    ranks: dict[TaskInstanceKey, int] = {}
    orders = []
    for live in (
        [task("a", waits), task("b", waits), task("c", runs)],
        [task("b", waits), task("a", runs), task("c", runs), task("d", runs)],
        [task("d", runs), task("b", waits), task("a", waits), task("e", waits)],
    ):
        ranks = ranks_of(live, ranks)
        orders.append("".join(one.task_id for _, one in in_order(live, ranks)))
    assert orders == ["cab", "acdb", "dabe"] and len(ranks) == 4


def test_a_sensor_waits_since_its_first_look() -> None:
    first, last = AT - timedelta(hours=2), AT - timedelta(minutes=1)
    looks = ti(TaskState.UP_FOR_RESCHEDULE, first_started_at=first, started_at=last, queued_at=last, due_at=AT)
    assert f"{first:%H:%M} " in line(looks, 119) and f"{last:%H:%M} " not in line(looks, 119)
