"""Every verb against a real database: what it answers, changes and refuses."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from tests.integration.actions_kit import do
from tests.integration.store_kit import (
    HOUR,
    NOW,
    T,
    database,
    ending,
    key,
    run_of,
    started,
    state_of,
    store,
    the_run,
    ti_of,
)
from tests.unit.planner.dsl import dag_of
from tui_flow import errors
from tui_flow.actions.dispatch import VERBS, perform, preview
from tui_flow.planner.decisions import MoveRun
from tui_flow.state import AttemptState, RunState, RunType
from tui_flow.store.writer import Writer

SPEC = dag_of("a >> b >> c", params={"n": {"type": "integer", "default": 1}})


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(database(tmp_path)) as writer:
        store(writer, SPEC)
        yield writer


def finished(writer: Writer, *, failed: str = "b") -> int:
    """A failed run: the tasks up to `failed` ran."""
    run = run_of(writer, SPEC)
    for task_id in ("a", "b"):
        attempt_id = started(writer, run, task_id)
        is_bad = task_id == failed
        new, how = (T.FAILED, AttemptState.FAILED) if is_bad else (T.SUCCESS, AttemptState.SUCCESS)
        writer.apply([ending(attempt_id, run, new, task_id=task_id, ended=how)], NOW)
    writer.apply([MoveRun(run, RunState.RUNNING, RunState.FAILED, "task_failure")], NOW)
    return run


# Requests


def test_a_repeated_request_gets_the_first_answer(writer: Writer) -> None:
    args = {"dag_id": "d", "conf": {"x": 1}}
    first = perform("trigger", args, writer, NOW, request_id="q")
    again = perform("trigger", args, writer, NOW + HOUR, request_id="q")
    assert first.answer == again.answer and (first.is_repeat, again.is_repeat) == (False, True)
    assert len(writer.reads.runs()) == 1 and len(writer.reads.events()) == 1
    with pytest.raises(errors.BadInput, match="was for 'trigger'"):
        perform("delete_dag", {"dag_id": "d"}, writer, NOW, request_id="q")


def test_an_answer_that_cannot_be_stored_undoes_the_deed(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    writer.change("CREATE TRIGGER no BEFORE INSERT ON request BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(sqlite3.IntegrityError, match="no"):
        perform("trigger", {"dag_id": "d"}, writer, NOW, request_id="q")
    assert writer.reads.runs() == [] and writer.reads.events() == []


@pytest.mark.parametrize(
    ("verb", "args", "words"),
    [
        ("triger", {}, "no verb 'triger'; did you mean 'trigger'"),
        ("trigger", {}, "trigger needs dag_id"),
        ("trigger", {"dag_id": "d", "dagid": 1}, "no argument 'dagid'; did you mean 'dag_id'"),
        ("trigger", {"dag_id": 5}, "dag_id cannot be 5"),
        ("trigger", {"dag_id": "d", "conf": [1]}, r"conf cannot be \[1\]"),
        ("clear", {"dag_id": "d", "tasks": ["a", 1]}, "tasks cannot be"),
        ("set_pool", {"name": "p", "slots": True}, "slots cannot be True"),
    ],
)
def test_arguments_that_cannot_be_meant(writer: Writer, verb: str, args: dict[str, Any], words: str) -> None:
    with pytest.raises(errors.BadInput, match=words):
        perform(verb, args, writer, NOW)


def _needs_dag(function: Callable[..., object]) -> bool:
    found = signature(function).parameters.get("dag_id")
    return found is not None and found.default is found.empty


def test_every_verb_that_names_a_dag_knows_near_names(writer: Writer) -> None:
    store(writer, dag_of("a", dag_id="weather"), file="w.py")
    more: dict[str, dict[str, Any]] = {
        "mark_run": {"state": "failed"},
        "mark_task": {"tasks": ["a"], "state": "success"},
        "delete_run": {"run_id": "r"},
        "pause_dag": {"is_paused": True},
        "answer": {"task_id": "a"},
        "note_run": {"note": "x"},
        "note_task": {"task_id": "a", "note": "x"},
        "delete_xcom": {"task_id": "a"},
        "set_xcom": {"task_id": "a", "key": "k", "value": "1"},
        "create_backfill": {"from_date": NOW.isoformat(), "to_date": NOW.isoformat()},
    }
    verbs = [verb for verb, function in VERBS.items() if _needs_dag(function)]
    assert {"trigger", "clear", "kill", "pause_dag"} <= set(verbs)
    for verb in verbs:
        with pytest.raises(errors.DagNotFound, match="did you mean 'weather'"):
            perform(verb, {"dag_id": "wether"} | more.get(verb, {}), writer, NOW)


# Trigger


def test_only_runs_of_allowed_types_are_made(writer: Writer) -> None:
    store(writer, dag_of("a", dag_id="limited", allowed_run_types=("scheduled",)))
    with pytest.raises(errors.NotPossible, match="has no manual runs: its file says allowed_run_types=.'scheduled'."):
        do(writer, "trigger", dag_id="limited")
    with pytest.raises(errors.NotPossible, match="has no backfill runs"):
        do(writer, "create_backfill", dag_id="limited", from_date=NOW.isoformat(), to_date=NOW.isoformat())


def test_trigger_queues_a_run_with_its_conf(writer: Writer) -> None:
    answer = do(writer, "trigger", dag_id="d", conf={"n": 2, "other": [1]}, note="why", triggered_by="me")
    run = writer.reads.run("d", answer["run_id"])
    assert run is not None
    assert (run.state, run.run_type, run.conf) == (RunState.QUEUED, RunType.MANUAL, {"n": 2, "other": [1]})
    assert (run.note, run.triggered_by, run.logical_date) == ("why", "me", NOW)
    second = do(writer, "trigger", dag_id="d")
    assert second["run_id"] != answer["run_id"], "two in one instant"


@pytest.mark.parametrize(
    ("args", "error", "words"),
    [
        ({"run_id": "r"}, errors.RunAlreadyExists, "already has a run 'r'"),
        ({"logical_date": "2026-01-01T01:00:00+01:00"}, errors.RunAlreadyExists, "already has a run 'r'"),
        ({"logical_date": "2026-01-01"}, errors.BadInput, "no zone"),
        ({"logical_date": "soon"}, errors.BadInput, "not a date"),
        ({"logical_date": "0001-01-01T00:00:00+14:00"}, errors.BadInput, "out of range"),
        ({"run_id": "../x"}, errors.BadInput, "may hold only"),
        ({"run_id": "scheduled__x"}, errors.BadInput, "of type scheduled"),
        ({"conf": {"n": "2"}}, errors.ParamsInvalid, "'n'"),
        ({"run_type": "backfill"}, errors.BadInput, "not triggered"),
    ],
)
def test_a_trigger_that_cannot_be_creates_nothing(
    writer: Writer, args: dict[str, Any], error: type[Exception], words: str
) -> None:
    run_of(writer, SPEC)
    with pytest.raises(error, match=words):
        perform("trigger", {"dag_id": "d"} | args, writer, NOW + HOUR)
    assert len(writer.reads.runs()) == 1


def test_a_broken_file_runs_only_when_that_is_said(writer: Writer) -> None:
    writer.store_import_error("d.py", "SyntaxError", 1, NOW)
    with pytest.raises(errors.NotPossible, match="--last-good"):
        perform("trigger", {"dag_id": "d"}, writer, NOW)
    do(writer, "trigger", dag_id="d", last_good=True)
    writer.forget_file("d.py")
    with pytest.raises(errors.NotPossible, match="is gone from d.py"):
        perform("trigger", {"dag_id": "d", "last_good": True}, writer, NOW)


def test_a_task_may_reset_the_run_that_it_triggers(writer: Writer) -> None:
    run = finished(writer)
    asked = {"dag_id": "d", "run_id": "r", "run_type": "operator_triggered", "logical_date": NOW.isoformat()}
    with pytest.raises(errors.RunAlreadyExists):
        perform("trigger", asked, writer, NOW)
    done = perform("trigger", asked | {"reset": True}, writer, NOW)
    assert (done.answer["run_id"], done.answer["is_new"], set(done.runs)) == ("r", False, {run})
    assert (the_run(writer, run).state, state_of(writer, run)) == (RunState.QUEUED, T.NONE)


# Clear, mark, kill


def test_clear_takes_the_tasks_below_and_queues_the_run(writer: Writer) -> None:
    run = finished(writer)
    answer = do(writer, "clear", dag_id="d", tasks=["b"])
    assert [(c["task_id"], c["old"], c["new"]) for c in answer["tasks"]] == [("b", "failed", "none")]
    assert answer["runs"] == [{"run_id": "r", "old": "failed", "new": "queued"}]
    assert (state_of(writer, run, "a"), state_of(writer, run, "b")) == (T.SUCCESS, T.NONE)
    assert the_run(writer, run).clear_number == 1


def test_clear_says_which_version_will_run(writer: Writer) -> None:
    run = finished(writer)
    store(writer, SPEC, source="s2")
    kept = preview("clear", {"dag_id": "d", "tasks": ["b"], "same_version": True}, writer.reads, NOW)
    assert kept["version"] == {"number": 1, "source": "s2", "kept": True, "is_newest": False}
    do(writer, "clear", dag_id="d", tasks=["b"])
    assert the_run(writer, run).source_version == "s2"


def test_clear_of_a_running_task_waits_for_its_end(writer: Writer) -> None:
    run = run_of(writer, SPEC)
    attempt_id = started(writer, run)
    done = perform("clear", {"dag_id": "d", "tasks": ["a"], "downstream": False}, writer, NOW)
    assert done.answer["tasks"][0]["kills"] is True and done.runs == {run}
    assert state_of(writer, run) is T.RESTARTING
    assert writer.reads.active_attempts(run)[0].id == attempt_id


def test_clear_over_a_span(writer: Writer) -> None:
    for number in range(3):
        run = run_of(writer, SPEC, f"r{number}", NOW + number * HOUR)
        attempt_id = started(writer, run)
        writer.apply([ending(attempt_id, run)], NOW)
    span = {"since": (NOW + HOUR).isoformat(), "until": (NOW + 9 * HOUR).isoformat()}
    answer = do(writer, "clear", dag_id="d", only_failed=False, **span)
    assert [change["run_id"] for change in answer["tasks"]] == ["r1", "r2"]
    with pytest.raises(errors.BadInput, match="not both"):
        perform("clear", {"dag_id": "d", "run_id": "r1"} | span, writer, NOW)
    with pytest.raises(errors.NotPossible, match="no runs"):
        perform("clear", {"dag_id": "d", "since": (NOW + 99 * HOUR).isoformat()}, writer, NOW)
    answer = do(writer, "clear", dag_id="d", run_id="r1", past=True)
    assert [change["run_id"] for change in answer["tasks"]] == ["r0"]


def test_unknown_tasks_and_runs_have_suggestions(writer: Writer) -> None:
    run_of(writer, SPEC, "monday")
    for verb in ("clear", "mark_task", "kill", "mark_run", "cancel_run", "delete_run"):
        needed: dict[str, dict[str, Any]] = {
            "mark_task": {"tasks": ["a"], "state": "success"},
            "mark_run": {"state": "failed"},
        }
        more = needed.get(verb, {})
        with pytest.raises(errors.RunNotFound, match="did you mean 'monday'"):
            perform(verb, {"dag_id": "d", "run_id": "munday"} | more, writer, NOW)
    named: dict[str, dict[str, Any]] = {
        "clear": {"tasks": ["zz"]},
        "mark_task": {"tasks": ["zz"], "state": "success"},
        "kill": {"task_id": "zz"},
    }
    for verb, args in named.items():
        with pytest.raises(errors.TaskNotFound, match="no task 'zz'"):
            perform(verb, {"dag_id": "d"} | args, writer, NOW)
    with pytest.raises(errors.BadInput, match="regular expression"):
        perform("clear", {"dag_id": "d", "pattern": "("}, writer, NOW)


def test_mark_a_task_success_clears_what_failed_below(writer: Writer) -> None:
    run = finished(writer, failed="b")
    do(writer, "mark_task", dag_id="d", tasks=["b"], state="success")
    assert state_of(writer, run, "b") is T.SUCCESS
    with pytest.raises(errors.BadInput, match="not 'running'"):
        perform("mark_task", {"dag_id": "d", "tasks": ["b"], "state": "running"}, writer, NOW)


def test_kill_asks_for_the_end_and_only_where_something_lives(writer: Writer) -> None:
    run = run_of(writer, SPEC)
    with pytest.raises(errors.NotPossible, match="nothing of run"):
        perform("kill", {"dag_id": "d"}, writer, NOW)
    with pytest.raises(errors.NotPossible, match="no attempt"):
        perform("kill", {"dag_id": "d", "task_id": "a"}, writer, NOW)
    started(writer, run)
    answer = do(writer, "kill", dag_id="d", task_id="a")
    assert [(c["new"], c["kills"]) for c in answer["tasks"]] == [("failed", True)]
    assert ti_of(writer, run).after_kill is T.FAILED


def test_cancel_ends_a_run_once(writer: Writer) -> None:
    run = run_of(writer, SPEC)
    do(writer, "cancel_run", dag_id="d", run_id="r")
    assert the_run(writer, run).state is RunState.FAILED
    assert {ti.state for ti in writer.reads.task_instances(run)} == {T.SKIPPED}
    with pytest.raises(errors.NotPossible, match="ended already"):
        perform("cancel_run", {"dag_id": "d", "run_id": "r"}, writer, NOW)
    with pytest.raises(errors.BadInput, match="not 'skipped'"):
        perform("mark_run", {"dag_id": "d", "state": "skipped"}, writer, NOW)


def test_nothing_alive_is_deleted(writer: Writer) -> None:
    run = run_of(writer, SPEC)
    attempt_id = started(writer, run)
    asked: dict[str, dict[str, Any]] = {"delete_run": {"run_id": "r"}, "delete_dag": {}}
    for verb, args in asked.items():
        with pytest.raises(errors.NotPossible, match="runs cancel"):
            perform(verb, {"dag_id": "d"} | args, writer, NOW)
    writer.apply([ending(attempt_id, run)], NOW)
    do(writer, "delete_run", dag_id="d", run_id="r")
    assert writer.reads.runs() == []
    do(writer, "delete_dag", dag_id="d")
    assert writer.reads.dags() == []


# DAGs, backfills, settings


def test_pause_one_or_many(writer: Writer) -> None:
    store(writer, dag_of("a", dag_id="d2"), dag_of("a", dag_id="e"), file="more.py")
    assert do(writer, "pause_dag", dag_id="d", is_paused=True)["changed"] == ["d"]
    answer = do(writer, "pause_dag", dag_id="d.*", is_paused=True, is_regex=True)
    assert (answer["dag_ids"], answer["changed"]) == (["d", "d2"], ["d2"])
    assert [dag.dag_id for dag in writer.reads.dags() if dag.is_paused] == ["d", "d2"]
    for pattern, error in (("(", errors.BadInput), ("zzz", errors.NotFound)):
        with pytest.raises(error):
            perform("pause_dag", {"dag_id": pattern, "is_paused": True, "is_regex": True}, writer, NOW)


def test_reparse_names_files(writer: Writer) -> None:
    assert do(writer, "reparse")["files"] == ["d.py"]
    with pytest.raises(errors.NotFound, match="did you mean 'd.py'"):
        perform("reparse", {"file": "d.yp"}, writer, NOW)


@pytest.mark.parametrize(
    ("verb", "args", "words"),
    [
        ("set_pool", {"name": "", "slots": 1}, "cannot name a pool"),
        ("set_pool", {"name": "p", "slots": -2}, "cannot have -2 slots"),
        ("delete_pool", {"name": "default_pol"}, "did you mean 'default_pool'"),
        ("delete_pool", {"name": "default_pool"}, "cannot be deleted"),
        ("set_variable", {"key": "a\x1b[1m", "value": "x"}, "cannot name a variable"),
        ("delete_variable", {"key": "toke"}, "did you mean 'token'"),
        ("import_variables", {"variables": {"token": 1}, "existing": "fail"}, "there already: token"),
        ("import_variables", {"variables": {}, "existing": "x"}, "overwrite, fail or skip"),
        ("set_connection", {"conn_id": "c", "conn_type": "x", "port": 70000}, "not a port"),
        ("set_connection", {"conn_id": "c", "conn_type": "x", "extra": "[1]"}, "must be a JSON object"),
        ("set_connection", {"conn_id": "c", "conn_type": "x", "extra": "{"}, "not JSON"),
        ("set_connection", {"conn_id": "c", "conn_type": "x", "keep": ["host"]}, "keep takes password and extra"),
        ("delete_connection", {"conn_id": "c"}, "no connection 'c'"),
        ("set_variable", {"key": "other"}, "needs a value"),
        ("set_variable", {"key": "token", "value": "x", "only_new": True}, "is there already"),
    ],
)
def test_settings_that_cannot_be_meant(writer: Writer, verb: str, args: dict[str, Any], words: str) -> None:
    writer.set_variable("token", "t", None, NOW)
    with pytest.raises(errors.UsageError, match=words):
        perform(verb, args, writer, NOW)


def test_settings_are_set_imported_and_deleted(writer: Writer) -> None:
    assert do(writer, "set_pool", name="p", slots=2)["slots"] == 2
    do(writer, "delete_pool", name="p")
    perform("set_variable", {"key": "v", "value": "1"}, writer, NOW)
    answer = do(writer, "import_variables", variables={"v": "2", "w": {"x": 1}}, existing="skip")
    assert answer == {"set": ["w"], "skipped": ["v"]}
    assert [(row.key, row.value) for row in writer.reads.variables()] == [("v", "1"), ("w", '{\n  "x": 1\n}')]
    do(writer, "delete_variable", key="v")
    perform("set_connection", {"conn_id": "c", "conn_type": "sqlite", "password": "swordfish"}, writer, NOW)
    do(writer, "delete_connection", conn_id="c")
    assert writer.reads.variable_keys() == ["w"] and writer.reads.connection_ids() == []


def test_what_is_not_told_stays(writer: Writer) -> None:
    """A front end changes a variable or a connection without having read its secret."""
    writer.set_variable("v", "swordfish", "old", NOW)
    do(writer, "set_variable", key="v", description="new")
    assert [(row.value, row.description) for row in writer.reads.variables()] == [("swordfish", "new")]
    secrets = {"password": "swordfish", "extra": '{"k": 1}'}
    do(writer, "set_connection", conn_id="c", conn_type="http", host="a", **secrets)
    do(writer, "set_connection", conn_id="c", conn_type="http", host="b", keep=["password", "extra"])
    kept = writer.reads.connection("c")
    assert kept is not None and (kept.host, kept.password, kept.extra) == ("b", "swordfish", '{"k": 1}')
    do(writer, "set_connection", conn_id="c", conn_type="http", host="b", keep=["extra"])
    less = writer.reads.connection("c")
    assert less is not None and (less.password, less.extra) == (None, '{"k": 1}')


def test_the_trail_says_who_did_what_and_keeps_no_secret(writer: Writer) -> None:
    perform("set_variable", {"key": "v", "value": "swordfish"}, writer, NOW, request_id="q1", who="me")
    perform("set_connection", {"conn_id": "c", "conn_type": "x", "password": "swordfish"}, writer, NOW, request_id="q2")
    perform("set_pool", {"name": "default_pool", "slots": 1}, writer, NOW)
    pool, _, variable = writer.reads.events()
    assert (variable.who, variable.verb, variable.request_id) == ("me", "set_variable", "q1")
    assert (pool.before["slots"], pool.after["slots"]) == (128, 1)
    for table in ("event", "request"):
        assert "swordfish" not in str(writer._connection.execute(f"SELECT * FROM {table}").fetchall())


def test_a_long_answer_is_counted_in_the_trail(writer: Writer) -> None:
    wide = dag_of("; ".join(f"t{number:03}" for number in range(200)), dag_id="w")
    store(writer, wide, file="w.py")
    run = run_of(writer, wide)
    answer = do(writer, "cancel_run", dag_id="w")
    assert len(answer["tasks"]) == 200
    assert writer.reads.events("w", limit=1)[0].after == {"tasks": 200, "runs": 1}
    assert the_run(writer, run).state is RunState.FAILED


def test_a_run_can_be_marked_success(writer: Writer) -> None:
    run = run_of(writer, SPEC)
    started(writer, run)
    do(writer, "mark_run", dag_id="d", state="success")
    assert ti_of(writer, run).after_kill is T.SUCCESS and state_of(writer, run, "b") is T.SKIPPED
    assert writer.reads.active_attempts()[0].key == key(run)


# XComs by hand


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"task_id": "b"}, "has no task 'b'"),
        ({"map_index": 3}, "has no task 'a\\[3\\]'"),
        ({"key": " "}, "needs a key"),
        ({"value": "text"}, "is not JSON"),
        ({"value": "NaN"}, "is not JSON"),
        ({"value": '[{"x": {"$t": "set"}}]'}, "cannot begin with"),
        ({"value": '"' + "x" * 100_000 + '"'}, "by hand it can have"),
        ({"key": "there", "only_new": True}, "already"),
    ],
)
def test_an_xcom_that_makes_no_sense_is_refused(writer: Writer, more: dict[str, Any], says: str) -> None:
    spec = dag_of("a", dag_id="one")
    store(writer, spec)
    run = run_of(writer, spec)
    writer.set_xcom(key(run), "there", "1")
    with pytest.raises(errors.TuiflowError, match=says):
        perform("set_xcom", {"dag_id": "one", "task_id": "a", "key": "k", "value": "1"} | more, writer, NOW)
    assert [xcom.key for xcom in writer.reads.xcoms(run)] == ["there"]
    done = perform("set_xcom", {"dag_id": "one", "task_id": "a", "key": "k", "value": '{"x": [1]}'}, writer, NOW)
    assert done.answer == {"dag_id": "one", "run_id": "r", "task_id": "a", "key": "k", "is_new": True}
    found = writer.reads.xcom(key(run), "k")
    assert found is not None and found.value == '{"x": [1]}'
