"""Airflow 3.3.2's own answers about trigger rules, depends_on_past, retries, clear, mark and backfill.

`DIFFERENT` lists the cases where tuiflow answers otherwise, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.planner.dsl import dag_of, run_of, task_of, ti_of, tis_of
from tests.unit.planner.state_dags import DAGS
from tui_flow.errors import BadInput
from tui_flow.planner.backfill import Reprocess, backfill_slots, check_backfill, plan_backfill
from tui_flow.planner.board import Board
from tui_flow.planner.clear import plan_clear
from tui_flow.planner.decisions import CreateRun, Decision, KillAttempt, MoveRun, MoveTask
from tui_flow.planner.mark import plan_mark_run, plan_mark_task
from tui_flow.planner.outcomes import retry_delay
from tui_flow.planner.past import counts_as_previous, past_states, unmet_past
from tui_flow.planner.selection import RunTasks, named_tasks, runs_in_reach, with_relatives
from tui_flow.planner.settle import verdict
from tui_flow.planner.trigger_rules import Counts, evaluate
from tui_flow.records import Dag, DagRun, TaskInstance
from tui_flow.spec import DagSpec
from tui_flow.state import FINISHED_TASK, OCCUPIED_TASK, RunState, RunType, TaskState, TriggerRule

T = TaskState
CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "oracle_cases.json").read_text(encoding="utf-8")
)["cases"]

DIFFERENT = {
    "mark-success-downstream": "marking all tasks of a failed run successful makes the run successful here",
    "mark-success-upstream": "marking all tasks of a failed run successful makes the run successful here",
}
_OUTCOME = {"RUN": T.SCHEDULED, "WAIT": T.NONE, "skipped": T.SKIPPED, "upstream_failed": T.UPSTREAM_FAILED}


def cases(category: str) -> Iterable[Any]:
    found = [pytest.param(case, id=case["id"]) for case in CASES if case["category"] == category]
    assert found
    return found


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize("case", cases("trigger_rule"))
def test_trigger_rule(case: Mapping[str, Any]) -> None:
    states = [TaskState(state) for state in case["input"]["upstream_states"]]
    counts = Counts(total=len(states))
    for state in states:
        if state in FINISHED_TASK:
            counts.add(state)
    answers = {str(rule): evaluate(rule, counts) for rule in TriggerRule}
    assert answers == {rule: _OUTCOME[answer] for rule, answer in case["expected"].items()}


@pytest.mark.parametrize("case", cases("trigger_rule.teardown"))
def test_teardown(case: Mapping[str, Any]) -> None:
    setup, teardown = {"is_setup": True}, {"is_teardown": True, "trigger_rule": "all_done_setup_success"}
    spec = dag_of("[s1, s2] >> w1 >> w2 >> td; [s1, s2] >> td", s1=setup, s2=setup, td=teardown)
    run = run_of(spec)
    board = Board(32)
    board.add_run(run, spec, tis_of(run, spec, **case["input"]))
    assert verdict(board.runs[1].cells["td"][0])[0] is _OUTCOME[case["expected"]]


@pytest.mark.parametrize("case", cases("retry.backoff"))
def test_retry_delay(case: Mapping[str, Any]) -> None:
    given = case["input"]
    settings = {name: given[name] for name in ("retry_delay_s", "retry_exponential_backoff", "max_retry_delay_s")}
    task = task_of(given["task_id"], **settings)
    date = instant(given["logical_date"])
    for expected in case["expected"]:
        delay = retry_delay(task, dag_id=given["dag_id"], logical_date=date, try_number=expected["try_number"])
        assert delay.total_seconds() == expected["delay_seconds"]


@pytest.mark.parametrize("case", cases("depends_on_past"))
def test_depends_on_past(case: Mapping[str, Any]) -> None:
    spec, index = DAGS[case["input"]["dag"]], case["input"]["evaluate_run_index"]
    runs = [
        run_of(spec, n, logical_date=instant(given["logical_date"]), run_type=RunType(given.get("type", "scheduled")))
        for n, given in enumerate(case["input"]["runs"])
    ]
    before = [n for n in range(index) if counts_as_previous(spec, runs[n].run_type)]
    previous = runs[before[-1]] if before else None
    past: list[TaskInstance] = []
    if previous is not None:
        given = case["input"]["runs"][previous.id].get("tis")
        past = tis_of(previous, spec, **(given or {}))
    task = spec.by_id[case["input"]["task"]]
    unmet = unmet_past(task, spec.downstream[task.task_id], runs[index], previous, past_states(past))
    assert (unmet is None) is case["expected"]["met"]


def views_of(given: Mapping[str, Any], spec: DagSpec) -> list[RunTasks]:
    return [_view(given, spec, number) for number in range(given.get("runs", 1))]


def _view(given: Mapping[str, Any], spec: DagSpec, number: int) -> RunTasks:
    run = run_of(
        spec, number, state=RunState(given["dag_run_state"]), logical_date=datetime(2024, 1, 1 + number, tzinfo=UTC)
    )
    tis = []
    for task_id, state in given["task_states"].items():
        facts = state if isinstance(state, dict) else {"state": state}
        tried = facts["state"] not in (None, "upstream_failed", "skipped")
        tis.append(ti_of(run, spec.by_id[task_id], facts["state"], facts.get("try_number", int(tried))))
    attempts = {ti.key: 100 + n for n, ti in enumerate(tis) if ti.state in OCCUPIED_TASK}
    return RunTasks(run, tuple(tis), attempts)


class After:
    """What the decisions make of the runs; killed attempts are still dying, or dead with `killed`."""

    def __init__(self, views: Iterable[RunTasks], decisions: Iterable[Decision], *, killed: bool) -> None:
        self.runs: dict[int, DagRun] = {view.run.id: view.run for view in views}
        self.tis = {ti.key: ti for view in views for ti in view.tis}
        for decision in decisions:
            match decision:
                case MoveRun(number, old, new):
                    assert self.runs[number].state is old
                    self.runs[number] = replace(self.runs[number], state=new)
                case MoveTask(key, old, new, max_tries=max_tries):
                    ti = self.tis[key]
                    assert ti.state is old
                    kept = ti.max_tries if max_tries is None else max_tries
                    self.tis[key] = replace(ti, state=new, max_tries=kept)
                case KillAttempt(_, key, after):
                    state = after if killed or after is not T.NONE else T.RESTARTING
                    self.tis[key] = replace(self.tis[key], state=state)
                case _:
                    raise AssertionError(decision)

    def states(self, number: int) -> dict[str, str | None]:
        return {key.task_id: named(ti.state) for key, ti in self.tis.items() if key.run == number}


def named(state: TaskState) -> str | None:
    return None if state is T.NONE else str(state)


@pytest.mark.parametrize("case", cases("clear"))
def test_clear(case: Mapping[str, Any]) -> None:
    given = case["input"]
    spec = DAGS[given["dag"]]
    views = views_of(given, spec)
    selection, how = given["selection"] or {}, given["clear_kwargs"]
    names = [name for name in spec.by_id if f"'{name}'" in selection.get("task_ids", f"'{name}'")]
    tasks = named_tasks(spec, names)
    if selection:
        tasks = with_relatives(
            spec, tasks, upstream=selection.get("upstream", False), downstream=selection.get("downstream", False)
        )
    decisions = plan_clear(
        spec,
        [views[how["run"]]],
        tasks,
        only_failed=how.get("only_failed", False),
        only_running=how.get("only_running", False),
        keep_run_state=how.get("dag_run_state") is False,
    )
    after = After(views, decisions, killed=False)
    assert sum(not isinstance(d, MoveRun) for d in decisions) == case["expected"]["cleared_count"]
    for number, expected in enumerate(case["expected"]["runs"]):
        assert after.runs[number].state == expected["dag_run_state"]
        tis = {
            key.task_id: {"state": named(ti.state), "try_number": ti.try_number, "max_tries": ti.max_tries}
            for key, ti in after.tis.items()
            if key.run == number
        }
        assert tis == expected["tis"]


@pytest.mark.parametrize("case", cases("mark"))
def test_mark(case: Mapping[str, Any]) -> None:
    given = case["input"]
    spec, options = DAGS[given["dag"]], dict(given["options"])
    views = views_of(given, spec)
    reach = runs_in_reach(
        views[given["run_index"]].run,
        [view.run for view in views],
        past=options.pop("past", False),
        future=options.pop("future", False),
    )
    chosen = [view for view in views if view.run in reach]
    tasks = named_tasks(spec, [given["task"] or given["group"]])
    after = After(views, plan_mark_task(spec, chosen, tasks, T(given["new_state"]), **options), killed=True)
    runs = [after.runs[number].state for number in range(len(views))]
    assert [after.states(n) for n in range(len(views))] == [expected["tasks"] for expected in case["expected"]]
    if case["id"] in DIFFERENT:
        assert runs == [RunState.SUCCESS]
    else:
        assert runs == [expected["dag_run_state"] for expected in case["expected"]]


@pytest.mark.parametrize("case", cases("mark_run"))
def test_mark_run(case: Mapping[str, Any]) -> None:
    spec = DAGS[case["input"]["dag"]]
    [view] = views_of(case["input"], spec)
    after = After([view], plan_mark_run(spec, view, RunState.FAILED), killed=True)
    [expected] = case["expected"]
    assert after.runs[0].state == expected["dag_run_state"]
    assert after.states(0) == expected["tasks"]


def dag_row(spec: DagSpec) -> Dag:
    return Dag(spec.dag_id, spec.file, False, False, "spec", 1, "source", None, None, None)


@pytest.mark.parametrize("case", cases("backfill"))
def test_backfill(case: Mapping[str, Any]) -> None:
    given, expected = case["input"], case["expected"]
    spec = DAGS[given["dag"]]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    span = instant(given["from_date"]), instant(given["to_date"])
    how = Reprocess(given["reprocess_behavior"])
    if expected["error"]:
        with pytest.raises(BadInput):
            check_backfill(spec, *span, now, reprocess=how, run_backwards=given["reverse"])
        return
    check_backfill(spec, *span, now, reprocess=how, run_backwards=given["reverse"])
    slots = backfill_slots(spec, *span, now, run_backwards=given["reverse"])
    planned = list(plan_backfill(dag_row(spec), spec, slots, {}, reprocess=how))
    assert [slot.info.logical_date for slot in planned] == [
        instant(row["logical_date"]) for row in expected["backfill_rows"]
    ]
    runs = [decision for slot in planned for decision in slot.decisions]
    facts = ("run_id", "logical_date", "data_interval_start", "data_interval_end", "run_after", "run_type", "conf")
    assert [[_plain(getattr(run, fact)) for fact in facts] for run in runs if isinstance(run, CreateRun)] == [
        [row[fact] for fact in facts] for row in expected["dag_runs"]
    ]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("case", cases("latest_only"))
def test_latest_only_skips_what_it_does_not_follow(case: Mapping[str, Any]) -> None:
    """The operator decides what to follow; the planner skips the rest, at once and again after a clear."""
    spec = DAGS[case["input"]["dag"]]
    run = run_of(spec, run_type=RunType(case["input"]["run_type"]))
    skipped = tuple({"a", "b"} - set(case["expected"]["followed"]))
    tis = [ti_of(run, spec.by_id["lo"], "success", 1, skips=skipped), *tis_of(run, dag_of("a; b"))]
    board = Board(32)
    board.add_run(run, spec, tis)
    states = {task_id: verdict(board.runs[1].cells[task_id][0])[0] for task_id in ("a", "b")}
    assert states == {task_id: T.SKIPPED if task_id in skipped else T.SCHEDULED for task_id in ("a", "b")}
