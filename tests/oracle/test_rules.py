"""Airflow's answers about trigger rules, depends_on_past, retries, weights, clear, mark and backfill."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.airflow_dags import DATA, dags_of
from tests.oracle.cases import Case, answers
from tests.unit.planner.dsl import dag_of, run_of, task_of, ti_of, tis_of
from tests.unit.sdk.fakes import run_task
from tui_flow.errors import BadInput
from tui_flow.planner.backfill import BackfillSlot, Outcome, Reprocess, check_backfill, plan_backfill
from tui_flow.planner.backfill_slots import backfill_slots
from tui_flow.planner.board import Board
from tui_flow.planner.clear import plan_clear
from tui_flow.planner.decisions import CreateRun, Decision, KillAttempt, MoveRun, MoveTask
from tui_flow.planner.mark import plan_mark_run, plan_mark_task
from tui_flow.planner.outcomes import retry_delay
from tui_flow.planner.past import passes_over_manual, past_states, unmet_past
from tui_flow.planner.selection import RunTasks, named_tasks, runs_in_reach, with_relatives
from tui_flow.planner.settle import verdict
from tui_flow.planner.trigger_rules import Counts, evaluate
from tui_flow.planner.weights import effective_weights
from tui_flow.records import Dag, DagRun, TaskInstance
from tui_flow.sdk.to_spec import dag_to_spec
from tui_flow.spec import DagSpec
from tui_flow.state import FINISHED_TASK, OCCUPIED_TASK, RunState, RunType, TaskState, TriggerRule

T = TaskState
STATE_DAGS = DATA / "state_dags.py"
_OUTCOME = {"RUN": T.SCHEDULED, "WAIT": T.NONE, "skipped": T.SKIPPED, "upstream_failed": T.UPSTREAM_FAILED}
_ROWS = {
    Outcome.CREATED: (True, None),
    Outcome.CLEARED: (True, None),
    Outcome.EXISTS: (False, "already exists"),
    Outcome.IN_FLIGHT: (False, "in flight"),
}


def spec_of(dag_id: str) -> DagSpec:
    return dag_to_spec(dags_of(STATE_DAGS)[dag_id], STATE_DAGS.name, "airflow3")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@answers("trigger_rule")
def test_trigger_rule(case: Case) -> None:
    states = [TaskState(state or "none") for state in case["input"]["upstream_states"]]
    counts = Counts(total=len(states))
    for state in states:
        if state in FINISHED_TASK:
            counts.add(state)
    given = {rule: evaluate(TriggerRule(rule), counts) for rule in case["expected"]}
    assert given == {rule: _OUTCOME[answer] for rule, answer in case["expected"].items()}


@answers("trigger_rule.teardown")
def test_teardown(case: Case) -> None:
    setup, teardown = {"is_setup": True}, {"is_teardown": True, "trigger_rule": "all_done_setup_success"}
    spec = dag_of("[s1, s2] >> w1 >> w2 >> td; [s1, s2] >> td", s1=setup, s2=setup, td=teardown)
    run = run_of(spec)
    board = Board(32)
    board.add_run(run, spec, tis_of(run, spec, **case["input"]))
    assert verdict(board.runs[1].cells["td"][0])[0] is _OUTCOME[case["expected"]]


@answers("weights")
def test_weights(case: Case) -> None:
    assert effective_weights(spec_of(case["input"]["dag"])) == case["expected"]


@answers("retry.backoff")
def test_retry_delay(case: Case) -> None:
    given = case["input"]
    settings = {name: given[name] for name in ("retry_delay_s", "retry_exponential_backoff", "max_retry_delay_s")}
    task = task_of(given["task_id"], **settings)
    date = instant(given["logical_date"])
    for expected in case["expected"]:
        delay = retry_delay(task, dag_id=given["dag_id"], logical_date=date, try_number=expected["try_number"])
        assert delay.total_seconds() == expected["delay_seconds"]


@answers("depends_on_past")
def test_depends_on_past(case: Case) -> None:
    spec, index = spec_of(case["input"]["dag"]), case["input"]["evaluate_run_index"]
    runs = [
        run_of(spec, n, logical_date=instant(given["logical_date"]), run_type=RunType(given.get("type", "scheduled")))
        for n, given in enumerate(case["input"]["runs"])
    ]
    passed_over = {RunType.MANUAL} if passes_over_manual(spec) else set()
    before = [n for n in range(index) if runs[n].run_type not in passed_over]
    previous = runs[before[-1]] if before else None
    past: list[TaskInstance] = []
    if previous is not None:
        past = tis_of(previous, spec, **(case["input"]["runs"][previous.id].get("tis") or {}))
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


@answers("clear")
def test_clear(case: Case) -> None:
    given = case["input"]
    spec = spec_of(given["dag"])
    views = views_of(given, spec)
    selection, how = given["selection"] or {}, given["clear_kwargs"]
    tasks = named_tasks(spec, sorted(ast.literal_eval(selection["task_ids"])) if "task_ids" in selection else None)
    if selection:
        tasks = with_relatives(
            spec, tasks, upstream=selection.get("upstream", False), downstream=selection.get("downstream", False)
        )
    decisions = plan_clear(
        spec,
        [views[how["run"]]] if "run" in how else views,
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


@answers("mark")
def test_mark(case: Case) -> None:
    given = case["input"]
    spec, options = spec_of(given["dag"]), dict(given["options"])
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
    runs = [{"dag_run_state": after.runs[n].state, "tasks": after.states(n)} for n in range(len(views))]
    assert runs == [{name: row[name] for name in ("dag_run_state", "tasks")} for row in case["expected"]]


@answers("mark_run")
def test_mark_run(case: Case) -> None:
    spec = spec_of(case["input"]["dag"])
    [view] = views_of(case["input"], spec)
    new = RunState(case["input"].get("new_state", "failed"))
    after = After([view], plan_mark_run(spec, view, new), killed=True)
    [expected] = case["expected"]
    assert after.runs[0].state == expected["dag_run_state"]
    assert after.states(0) == expected["tasks"]


def dag_row(spec: DagSpec) -> Dag:
    return Dag(spec.dag_id, spec.file, False, False, "spec", 1, "source", None, None, None)


@answers("backfill")
def test_backfill(case: Case) -> None:
    given, expected = case["input"], case["expected"]
    spec = spec_of(given["dag"])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    span = instant(given["from_date"]), instant(given["to_date"])
    how = Reprocess(given["reprocess_behavior"])
    if expected["error"]:
        with pytest.raises(BadInput):
            check_backfill(spec, *span, now, reprocess=how, run_backwards=given["reverse"])
        return
    check_backfill(spec, *span, now, reprocess=how, run_backwards=given["reverse"])
    slots = backfill_slots(spec, *span, now, run_backwards=given["reverse"])
    existing = {view.run.logical_date: view for view in _existing(given["existing_runs"], spec)}
    conf = given["dag_run_conf"]
    planned = list(plan_backfill(dag_row(spec), spec, slots, existing, reprocess=how, conf=conf))  # type: ignore[arg-type]
    assert list(_rows(planned)) == expected["backfill_rows"]
    made = [decision for slot in planned for decision in slot.decisions if isinstance(decision, CreateRun)]
    facts = ("run_id", "logical_date", "data_interval_start", "data_interval_end", "run_after", "run_type", "conf")
    new = [row for row in expected["dag_runs"] if instant(row["logical_date"]) not in existing]
    assert sorted(([_plain(getattr(run, fact)) for fact in facts] for run in made), key=str) == sorted(
        ([row[fact] for fact in facts] for row in new), key=str
    )
    after = After(existing.values(), [d for slot in planned for d in slot.decisions if d not in made], killed=True)
    for number, view in enumerate(existing.values()):
        row = next(row for row in expected["dag_runs"] if instant(row["logical_date"]) == view.run.logical_date)
        assert after.runs[number].state == row["state"]


def _existing(runs: Iterable[Mapping[str, Any]], spec: DagSpec) -> Iterator[RunTasks]:
    for number, given in enumerate(runs):
        state = RunState(given.get("state") or given["dag_run_state"])
        ended = {RunState.SUCCESS: "success", RunState.FAILED: "failed"}.get(state)
        run = run_of(spec, number, state=state, logical_date=instant(given["logical_date"]))
        yield RunTasks(run, tuple(tis_of(run, spec, **dict.fromkeys(spec.by_id, ended))), {})


def _rows(planned: Iterable[BackfillSlot]) -> Iterator[dict[str, Any]]:
    for ordinal, slot in enumerate(planned, start=1):
        has_run, why = _ROWS[slot.outcome]
        yield {
            "sort_ordinal": ordinal,
            "logical_date": slot.info.logical_date.isoformat(),
            "has_run": has_run,
            "exception_reason": why,
        }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


@answers("latest_only")
def test_latest_only(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    given = case["input"]

    class Then(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Then:
            return cls.fromisoformat(given["now"]).astimezone(tz)

    monkeypatch.setattr("tui_flow.operators.latest_only.datetime", Then)
    task = dags_of(STATE_DAGS)[given["dag"]].get_task("lo")
    ran = run_task(
        task,
        dialect="airflow3",
        run_type=given["run_type"],
        logical_date=given["logical_date"],
        data_interval_start=given["logical_date"],
        data_interval_end=given["data_interval_end"],
    )
    assert sorted(task.downstream_task_ids - set(ran.ti.skipped)) == sorted(case["expected"]["followed"])
