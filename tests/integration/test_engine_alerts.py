"""Deadlines and mails: told by processes of their own, whatever becomes of the tasks."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.cli_home import tuiflow
from tests.integration.engine_kit import Engine, engine_in
from tests.integration.loopback import mail_server
from tui_flow.state import RunState

LATE = """
from datetime import timedelta
from tui_flow import DAG, AsyncCallback, DeadlineAlert, DeadlineReference, SyncCallback, task
import ledger

def tell(word, context):
    with open(ledger.FOLDER + "/told", "a") as file:
        file.write(f"{word} {context['run_id']}\\n")

async def tell_later(word, **context):
    deadline = context["context"]["deadline"]
    assert deadline["name"] == "deadline 2" and deadline["deadline_time"] > context["context"]["dag_run"].queued_at
    tell(word, context["context"])

QUEUED = DeadlineReference.DAGRUN_QUEUED_AT
with DAG("late", deadline=[
    DeadlineAlert(QUEUED, timedelta(milliseconds=1), SyncCallback(tell, {"word": "late"}), name="at once"),
    DeadlineAlert(QUEUED, timedelta(milliseconds=2), AsyncCallback(tell_later, {"word": "later"})),
    DeadlineAlert(QUEUED, timedelta(days=1), SyncCallback(tell, {"word": "never"}), name="by tomorrow"),
]):
    @task
    def slow():
        ledger.start("slow")
        ledger.gate("slow")
        ledger.end("slow")
    slow()
"""


def told(engine: Engine) -> set[str]:
    path = engine.folder / "told"
    return set(path.read_text().splitlines()) if path.exists() else set()


def test_a_run_that_is_late_is_told_of_while_it_goes_on(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"late.py": LATE}) as engine:
        engine.start()
        run_id = engine.trigger("late")
        engine.wait_started("slow")
        engine.until(lambda: told(engine) == {f"late {run_id}", f"later {run_id}"}, "both are told")
        assert engine.run("late").state is RunState.RUNNING
        shown = json.loads(tuiflow("runs", "show", "late", "--json", **engine.environ).stdout)["deadlines"]
        assert [(row["name"], row["missed_at"] is None) for row in shown] == [
            ("at once", False),
            ("deadline 2", False),
            ("by tomorrow", True),
        ]
        reasons = json.loads(tuiflow("why", "late", "slow", "--json", **engine.environ).stdout)["reasons"]
        assert sum("its run should have ended by" in reason for reason in reasons) == 2
        engine.restart()
        engine.open_gate("slow")
        assert engine.wait_run("late") is RunState.SUCCESS
        assert engine.sql("SELECT count(*) FROM callback WHERE kind = 'dag_on_deadline'") == [(2,)]
        engine.check()


FAILS = """
from datetime import timedelta
from tui_flow import DAG, BashOperator, task

with DAG("fails", default_args={"email": "me@x.org", "email_on_retry": False}):
    BashOperator(task_id="shell", bash_command="exit 3")
    @task(retries=1, retry_delay=timedelta(0))
    def python():
        raise ValueError("no luck")
    @task(email_on_failure=False)
    def silent():
        raise ValueError("not told")
    python(), silent()
"""


def test_failures_are_mailed(tmp_path: Path) -> None:
    with mail_server() as server:
        settings = {"AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(server.connection)}
        with engine_in(tmp_path, {"fails.py": FAILS}, **settings) as engine:
            engine.start()
            engine.trigger("fails")
            assert engine.wait_run("fails") is RunState.FAILED
            engine.until(lambda: len(server.mails) >= 2, "two mails arrive")
            engine.until(lambda: not engine.attempt_processes(), "no process is left")
            texts = [mail.content.decode() for mail in server.mails]
            assert len(texts) == 2
            named = [task_id for task_id in ("shell", "python") if any(f"task {task_id}" in text for text in texts)]
            assert named == ["shell", "python"]
            engine.check()


MAPPED = """
import json, os
from tui_flow import DAG, BashOperator, task

def tell(context):
    ti, run = context["ti"], context["dag_run"]
    told = [ti.task_id, ti.map_index, context["task"].bash_command, ti.state, ti.end_date >= ti.start_date, run.state]
    with open(os.path.join(os.environ["ENGINE_TEST_FOLDER"], "told"), "a") as file:
        file.write(json.dumps(told) + "\\n")

def tell_of_run(context):
    run = context["dag_run"]
    failed = [ti.map_index for ti in run.get_task_instances(state="failed")]
    told = [run.state, run.get_state(), run.end_date >= run.start_date, failed, context["ti"].state]
    with open(os.path.join(os.environ["ENGINE_TEST_FOLDER"], "told"), "a") as file:
        file.write(json.dumps(told) + "\\n")

with DAG("mapped", on_failure_callback=tell_of_run):
    @task
    def words():
        return ["kill -9 $$ # {{ run_id }}", "exit 3 # {{ ti.map_index }}", "true"]
    BashOperator.partial(task_id="shell", on_failure_callback=tell).expand(bash_command=words())
    BashOperator.partial(task_id="killed", on_failure_callback=tell, env={"N": "{{ ti.map_index }}"}).expand(
        bash_command=["kill -9 $PPID # {{ ti.map_index }}"])
"""


def test_callbacks_of_a_mapped_task_see_its_instance(tmp_path: Path) -> None:
    """In the attempt, and after a signal has ended it in a process of their own."""
    with engine_in(tmp_path, {"mapped.py": MAPPED}) as engine:
        engine.start()
        engine.trigger("mapped")
        assert engine.wait_run("mapped") is RunState.FAILED
        engine.until(lambda: len(told(engine)) == 4, "all are told")
        found = sorted(map(json.loads, told(engine)), key=str)
        assert found == [
            ["failed", "failed", True, [0, 0, 1], "failed"],
            ["killed", 0, "kill -9 $PPID # 0", "failed", True, found[1][-1]],
            ["shell", 0, "kill -9 $$ # {{ run_id }}", "failed", True, found[2][-1]],
            ["shell", 1, "exit 3 # {{ ti.map_index }}", "failed", True, "running"],
        ]
        engine.check()


def test_without_a_mail_server_nothing_is_sent_and_nothing_fails(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"fails.py": FAILS}) as engine:
        engine.start()
        engine.trigger("fails")
        engine.wait_run("fails")
        engine.until(lambda: any("no mail is sent" in text for text in engine.said("fails", "python", 2)), "it is said")
        engine.check()
