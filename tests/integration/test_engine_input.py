"""Tasks that wait for a person, and `tuiflow answer`."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.integration.engine_kit import Engine
from tui_flow.state import RunState, TaskState

ASKS = """
from datetime import timedelta
from tui_flow import (
    DAG, ApprovalOperator, EmptyOperator, HITLBranchOperator, HITLEntryOperator, HITLOperator, Param, task)
import ledger

def tell(context):
    ledger.note("told", context["ti"].task_id)

with DAG("asks", schedule=None):
    choose = HITLOperator(task_id="choose", subject="Which of {{ dag.dag_id }}?", body="Think.", options=["one", "two"],
                          multiple=True, notifiers=[tell], assigned_users=[{"id": "1", "name": "ann"}],
                          params={"day": Param("today", type="string"), "size": Param(type="integer", minimum=1)})
    @task
    def sees(result):
        return [result["chosen_options"], result["params_input"], result["responded_at"].tzinfo is not None]
    sees(choose.output)

with DAG("asks_each", schedule=None):
    HITLOperator.partial(task_id="each", options=["y", "n"]).expand(subject=["one", "two"])
    EmptyOperator(task_id="alone")

with DAG("approves", schedule=None):
    ApprovalOperator(task_id="soft", subject="?") >> EmptyOperator(task_id="below_soft")
    ApprovalOperator(task_id="hard", subject="?", fail_on_reject=True) >> EmptyOperator(task_id="below_hard")
    HITLBranchOperator(task_id="branch", subject="?", options=["x", "left"], options_mapping={"x": "right"}) >> [
        EmptyOperator(task_id="left"), EmptyOperator(task_id="right")]

with DAG("late", schedule=None):
    HITLEntryOperator(task_id="defaults", subject="?", params={"n": 5}, response_timeout=timedelta(milliseconds=200))
    HITLOperator(task_id="no_defaults", subject="?", options=["a", "b"], execution_timeout=timedelta(milliseconds=300))
"""


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("input")) as engine:
        engine.dag_file("asks.py", ASKS)
        yield engine.start()


def test_a_person_answers(engine: Engine) -> None:
    engine.trigger("asks")
    engine.wait_state("asks", "choose", TaskState.AWAITING_INPUT)
    assert not engine.pids_named("tuiflow-trigger") and not engine.reads(lambda reader: reader.active_attempts())
    (asked,) = json.loads(engine.tuiflow("answer", "--json").stdout)
    assert (asked["task_id"], asked["subject"], asked["options"]) == ("choose", "Which of asks?", ["one", "two"])
    assert asked["params"]["day"]["default"] == "today" and asked["assigned_users"] == ["ann"]
    assert "day=today; size" in (listed := engine.tuiflow("answer").stdout)
    assert "Which of asks?" in listed and "Which of asks?" in engine.tuiflow("status").stdout
    assert "`tuiflow answer asks choose`" in engine.tuiflow("why", "asks", "choose").stdout
    for words, complaint in [
        (["--choose", "tow"], "no option 'tow'; did you mean 'two'?; choose of: one; two"),
        ([], "nothing is chosen; choose of: one; two"),
        (["--choose", "two"], "needs param 'size'"),
        (["--choose", "two", "-p", "size=0"], "param 'size'"),
        (["--choose", "two", "-p", "sise=1"], "did you mean 'size'?"),
        (["--choose", "two", "--run", "no"], "no run 'no'"),
    ]:
        refused = engine.tuiflow("answer", "asks", "choose", *words)
        assert refused.returncode == 2 and complaint in refused.stderr, refused.stderr
    engine.restart()
    given = engine.tuiflow("answer", "asks", "choose", "--choose", "two", "--choose", "one", "-p", "size=3", "--json")
    assert given.returncode == 0 and json.loads(given.stdout)["chosen_options"] == ["one", "two"], given.stderr
    assert engine.wait_run("asks") is RunState.SUCCESS
    assert engine.xcom("asks", "sees") == [["one", "two"], {"day": "today", "size": 3}, True]
    assert engine.xcom("asks", "choose")["responded_by_user"]["name"]
    assert engine.attempt_states("asks", "choose") == ["deferred", "success"]
    again = engine.tuiflow("answer", "asks", "choose", "--choose", "one", "-p", "size=3")
    assert again.returncode == 2 and "waits for no answer" in again.stderr
    assert engine.sql("SELECT responded_by IS NOT NULL, params_input FROM input_request") == [
        (1, '{"day":"today","size":3}')
    ]
    assert (engine.folder / "ledger").read_text().count("told") == 1
    engine.check()


def test_each_instance_of_a_mapped_task_is_asked(engine: Engine) -> None:
    def waiting() -> list[int]:
        found = engine.reads(lambda reader: reader.waiting_input("asks_each")) or []
        return sorted(request.key.map_index for request in found)

    engine.trigger("asks_each")
    engine.until(lambda: waiting() == [0, 1], "both are asked")
    for words, complaint in [
        (["each"], "task 'each' is mapped; name one of its instances with --map-index: 0 to 1"),
        (["each", "--map-index", "2"], "task 'each' has no instance 2; it has 0 to 1"),
        (["alone", "--map-index", "0"], "task 'alone' is not mapped; leave --map-index out"),
        (["none"], "has no task 'none'"),
    ]:
        refused = engine.tuiflow("answer", "asks_each", *words, "--choose", "y")
        assert refused.returncode == 2 and complaint in refused.stderr, refused.stderr
    given = engine.tuiflow("answer", "asks_each", "each", "--map-index", "1", "--choose", "n")
    assert given.returncode == 0, given.stderr
    assert waiting() == [0]


def test_what_follows_an_answer(engine: Engine) -> None:
    engine.trigger("approves")
    waiting = ("soft", "hard", "branch")
    engine.until(lambda: {engine.states("approves")[name] for name in waiting} == {"awaiting_input"}, "all wait")
    for name, option in (("soft", "Reject"), ("hard", "Reject"), ("branch", "x")):
        answered = engine.tuiflow("answer", "approves", name, "--choose", option, "--note", "so be it")
        assert answered.returncode == 0, answered.stderr
    assert engine.wait_run("approves") is RunState.FAILED
    assert engine.states("approves") == {
        "soft": "success",
        "below_soft": "skipped",
        "hard": "failed",
        "below_hard": "upstream_failed",
        "branch": "success",
        "left": "skipped",
        "right": "success",
    }
    assert {note for (note,) in engine.sql("SELECT note FROM input_request")} == {"so be it"}
    engine.check()


def test_nobody_answers_in_time(engine: Engine) -> None:
    engine.trigger("late")
    assert engine.wait_run("late") is RunState.FAILED
    assert engine.states("late") == {"defaults": "success", "no_defaults": "failed"}
    result = engine.xcom("late", "defaults")
    assert (result["chosen_options"], result["params_input"], result["responded_by_user"]) == (["OK"], {"n": 5}, None)
    assert "HITLTimeoutError" in str(engine.tis("late")["no_defaults"].reason)
    answers = "SELECT task_id, responded_at IS NULL, responded_by, chosen_options, params_input FROM input_request"
    assert sorted(engine.sql(answers)) == [
        ("defaults", 0, None, '["OK"]', '{"n":5}'),
        ("no_defaults", 1, None, None, None),
    ]
    engine.check()


def test_a_clear_asks_anew_and_a_kill_asks_no_more(engine: Engine) -> None:
    engine.trigger("asks")
    engine.wait_state("asks", "choose", TaskState.AWAITING_INPUT)
    engine.ask("clear", dag_id="asks", tasks=["choose"])
    engine.until(lambda: len(engine.attempts("asks", "choose")) == 2, "it is asked again")
    engine.wait_state("asks", "choose", TaskState.AWAITING_INPUT)
    assert len(json.loads(engine.tuiflow("answer", "asks", "--json").stdout)) == 1
    engine.ask("kill", dag_id="asks", task_id="choose")
    assert engine.wait_run("asks") is RunState.FAILED
    assert json.loads(engine.tuiflow("answer", "--json").stdout) == []
    engine.check()


def test_it_asks_on_a_terminal(engine: Engine) -> None:
    engine.trigger("asks")
    engine.wait_state("asks", "choose", TaskState.AWAITING_INPUT)
    ours, theirs = pty.openpty()
    os.write(ours, b"2\n\n7\n")
    asked = subprocess.run(
        [sys.executable, "-m", "tui_flow", "answer", "asks", "choose"],
        env=engine.environ,
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert asked.returncode == 0, asked.stderr
    assert "Which of asks?" in asked.stderr and "  2  two" in asked.stderr and "day [today]: " in asked.stderr
    assert engine.wait_run("asks") is RunState.SUCCESS
    assert engine.xcom("asks", "sees")[:2] == [["two"], {"day": "today", "size": 7}]
