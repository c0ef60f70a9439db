"""Records to rows and back."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from tui_flow.records import TaskAttempt, TaskInstance
from tui_flow.state import AttemptState, TaskState
from tui_flow.store import rows

INSTANTS = st.datetimes(timezones=st.just(UTC))
MAYBE = st.none() | INSTANTS


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7, minutes=-30))])))
def test_every_instant_comes_back_exactly(at: datetime) -> None:
    assert rows.moment(rows.micros(at)) == at
    assert rows.moment(rows.micros(at)).tzinfo is UTC


def test_no_instant_stays_none() -> None:
    assert rows.micros(None) is None and rows.moment(None) is None


@given(
    st.builds(
        TaskInstance,
        run=st.integers(1),
        task_id=st.text(),
        map_index=st.integers(-1),
        state=st.sampled_from(TaskState),
        try_number=st.integers(0),
        max_tries=st.integers(0),
        queued_at=MAYBE,
        started_at=MAYBE,
        ended_at=MAYBE,
        due_at=MAYBE,
        first_started_at=MAYBE,
        poke_count=st.integers(0),
        skips=st.lists(st.text()).map(tuple),
        after_kill=st.none() | st.sampled_from(TaskState),
        reason=st.none() | st.text(),
        resume=st.none() | st.dictionaries(st.text(), st.integers()),
        note=st.none() | st.text(),
    )
)
def test_task_instances_come_back(ti: TaskInstance) -> None:
    assert rows.task_instance(rows.task_values(ti)) == ti


@given(
    st.builds(
        TaskAttempt,
        id=st.integers(1),
        map_index=st.integers(-1),
        state=st.sampled_from(AttemptState),
        launched_at=INSTANTS,
        boot_id=st.text(),
        started_at=MAYBE,
        ended_at=MAYBE,
        pid=st.none() | st.integers(1),
        kill_reason=st.none() | st.text(),
    )
)
def test_attempts_come_back(attempt: TaskAttempt) -> None:
    assert rows.task_attempt((attempt.id, *rows.attempt_values(attempt))) == attempt


def test_the_columns_are_the_fields_in_order() -> None:
    assert rows.TASK.split(", ") == [field.name for field in fields(TaskInstance)]
    assert rows.ATTEMPT.split(", ") == [field.name for field in fields(TaskAttempt)]
