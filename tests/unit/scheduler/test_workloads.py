"""From a launch to the workload: identity, paths, what travels along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tui_flow.planner.decisions import LaunchAttempt
from tui_flow.records import CallbackRow, DagRun, TaskInstance, TaskInstanceKey, XCom
from tui_flow.scheduler.workloads import MAX_XCOM_BYTES, callback_workload, facts_of, workload_of
from tui_flow.settings import Home
from tui_flow.spec import DagSpec, TaskSpec
from tui_flow.state import CallbackKind, CallbackState, RunState, RunType, TaskState

AT = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
UTC_AT = "2026-01-01T10:00:00+00:00"
HOME = Home(Path("/home/ada/.tuiflow"))
RUN = DagRun(
    3, "d", "r", RunType.MANUAL, RunState.RUNNING, AT, AT, AT, AT, AT, AT, None, "v", "s1", {"x": 1}, triggered_by="ada"
)
SPEC = DagSpec(
    "d",
    "sub/d.py",
    tasks=(
        TaskSpec("a"),
        TaskSpec("b"),
        TaskSpec("me", upstream=("a",), xcom_from=("b", "a"), execution_timeout_s=9.5, is_shell=True),
    ),
)
KEY = TaskInstanceKey(3, "me")
LAUNCH = LaunchAttempt(KEY, 1, 2, "s2")


@dataclass
class FakeReads:
    rows: list[XCom] = field(default_factory=list)
    ti: TaskInstance | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def xcoms(self, run: int, task_ids: Iterable[str] | None = None, map_index: int | None = None) -> list[XCom]:
        wanted = tuple(task_ids or ())
        self.asked.append(wanted)
        return [row for row in self.rows if row.run == run and row.task_id in wanted]

    def task_instance(self, key: TaskInstanceKey) -> TaskInstance | None:
        assert self.ti is not None and self.ti.key == key
        return self.ti


def test_who_where_and_what() -> None:
    work = workload_of(LAUNCH, 77, 4, RUN, SPEC, FakeReads(), HOME)
    assert (work.attempt_id, work.dag_id, work.task_id, work.map_index) == (77, "d", "me", -1)
    assert (work.try_number, work.max_tries, work.timeout_s, work.is_shell) == (2, 4, 9.5, True)
    assert (work.file, work.source_version) == ("sub/d.py", "s2")  # the launch's version, not the run's
    assert work.journal == "/home/ada/.tuiflow/journal/77"
    assert Path(work.log).is_relative_to(HOME.logs) and "r" in Path(work.log).parts
    assert work.run == facts_of(RUN)


def test_dates_are_said_in_utc() -> None:
    facts = facts_of(RUN)
    assert facts.logical_date == facts.data_interval_end == facts.run_after == facts.started_at == UTC_AT
    assert facts.conf == {"x": 1} and facts.triggered_by == "ada"
    assert facts_of(replace(RUN, logical_date=None, started_at=None)).logical_date is None


def test_xcoms_of_upstreams_and_named_tasks_travel_along() -> None:
    rows = [XCom(3, "a", -1, "return_value", "1"), XCom(3, "b", 0, "k", '"x"'), XCom(4, "a", -1, "k", "2")]
    reads = FakeReads(rows)
    work = workload_of(LAUNCH, 1, 0, RUN, SPEC, reads, HOME)
    assert work.xcoms == (("a", -1, "return_value", "1"), ("b", 0, "k", '"x"'))
    assert work.xcoms_of == ("a", "b") and reads.asked == [("a", "b")]


def test_a_task_that_reads_nothing_costs_no_look() -> None:
    reads = FakeReads()
    launch = LaunchAttempt(TaskInstanceKey(3, "a"), 0, 1, "s1")
    work = workload_of(launch, 1, 0, RUN, SPEC, reads, HOME)
    assert (work.xcoms, work.xcoms_of, reads.asked) == ((), (), [])


def test_large_xcoms_stay_behind_and_are_asked_for() -> None:
    half = "x" * (MAX_XCOM_BYTES // 2)
    fits = FakeReads([XCom(3, "a", -1, "k", half), XCom(3, "b", -1, "k", half)])
    assert len(workload_of(LAUNCH, 1, 0, RUN, SPEC, fits, HOME).xcoms) == 2
    fits.rows.append(XCom(3, "b", -1, "l", "1"))
    work = workload_of(LAUNCH, 1, 0, RUN, SPEC, fits, HOME)
    assert (work.xcoms, work.xcoms_of) == ((), ())


def test_only_who_goes_on_with_a_try_remembers_it() -> None:
    ti = TaskInstance(3, "me", -1, TaskState.QUEUED, 2, 0, first_started_at=AT, poke_count=5, resume={"method": "m"})
    goes_on = workload_of(LaunchAttempt(KEY, 2, 2, "s"), 1, 0, RUN, SPEC, FakeReads(ti=ti), HOME)
    assert (goes_on.poke_count, goes_on.first_started_at, goes_on.resume) == (5, UTC_AT, {"method": "m"})
    fresh = workload_of(LAUNCH, 1, 0, RUN, SPEC, FakeReads(ti=ti), HOME)
    assert (fresh.poke_count, fresh.first_started_at, fresh.resume) == (0, None, None)


@pytest.mark.parametrize(
    ("over", "waited_s", "left_s"),
    [({"value": "1"}, 40, 20.0), ({"value": "1"}, 90, 0.001), ({"timeout": True}, 90, None)],
)
def test_the_time_of_a_resumed_try_counts_from_its_first_start(
    over: dict[str, object], waited_s: int, left_s: float | None
) -> None:
    spec = replace(SPEC, tasks=tuple(replace(task, execution_timeout_s=60.0) for task in SPEC.tasks))
    ti = TaskInstance(
        3, "me", -1, TaskState.QUEUED, 2, 0, queued_at=AT + timedelta(seconds=waited_s), first_started_at=AT
    )
    resumed = replace(ti, resume={"method": "m", "over": over})
    work = workload_of(LaunchAttempt(KEY, 2, 2, "s"), 1, 0, RUN, spec, FakeReads(ti=resumed), HOME)
    assert (work.timeout_s, work.first_started_at) == (left_s, UTC_AT)


def callback(task_id: str | None, kind: CallbackKind) -> CallbackRow:
    map_index = None if task_id is None else -1
    return CallbackRow(8, 3, task_id, map_index, kind, "timed out", 2, "err", CallbackState.RUNNING, AT)


def test_callbacks_have_ids_journals_and_logs_of_their_own() -> None:
    of_task = callback_workload(callback("me", CallbackKind.TASK_FAILURE), RUN, SPEC, None, HOME, 60.0)
    of_run = callback_workload(callback(None, CallbackKind.RUN_FAILURE), RUN, SPEC, None, HOME, 60.0)
    assert (of_task.attempt_id, of_task.task_id, of_task.try_number, of_task.timeout_s) == (-8, "me", 2, 60.0)
    assert of_task.journal.endswith("/journal/-8") and of_task.source_version == "s1"
    assert of_task.callback == {"kind": "on_failure", "reason": "timed out", "error": "err", "ti": None}
    assert of_run.task_id == "" and of_run.map_index == -1
    last = TaskInstance(RUN.id, "last", 3, TaskState.FAILED, 2, 4)
    of_run = callback_workload(callback(None, CallbackKind.RUN_FAILURE), RUN, SPEC, last, HOME, 60.0)
    assert (of_run.task_id, of_run.map_index, of_run.try_number, of_run.max_tries) == ("last", 3, 2, 4)
    attempt = workload_of(replace(LAUNCH, old_try_number=1), 1, 0, RUN, SPEC, FakeReads(), HOME)
    assert len({attempt.log, of_task.log, of_run.log}) == 3
    assert Path(of_task.log).parent == Path(attempt.log).parent
