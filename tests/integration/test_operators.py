"""Operators that start processes or look at files."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.unit.sdk.fakes import run_task
from tui_flow import DAG, BashOperator, BashSensor, FileSensor, PythonOperator, SQLExecuteQueryOperator, task
from tui_flow.operators.sqlite_hook import SqliteHook
from tui_flow.operators.subprocess_hook import SubprocessHook
from tui_flow.sdk import backend
from tui_flow.sdk.exceptions import AirflowException, AirflowFailException


def bash(command: str, **kwargs: Any) -> Any:
    with DAG("d"):
        return run_task(BashOperator(task_id="t", bash_command=command, **kwargs))


def test_each_line_of_output_arrives(capsys: pytest.CaptureFixture[str]) -> None:
    bash("echo one; printf 'two\\xff\\n'; printf three")
    assert capsys.readouterr().out.splitlines() == ["one", "two\\xff", "three"]


def test_huge_lines_come_in_pieces_and_cost_no_memory_without_end(capsys: pytest.CaptureFixture[str]) -> None:
    bash("head -c 5000000 /dev/zero | tr '\\0' x")
    lines = capsys.readouterr().out.splitlines()
    assert sum(map(len, lines)) == 5_000_000 and max(map(len, lines)) < 2_000_000


def test_a_command_leads_a_process_group_and_keeps_the_runtimes_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    read_end, write_end = os.pipe()
    monkeypatch.setattr(backend, "runtime_fds", (write_end,))
    result = bash(
        f"test -e /proc/self/fd/{write_end} && test ! -e /proc/self/fd/{read_end} && ps -o pgid= -p $$ && echo $$"
    )
    os.close(read_end)
    os.close(write_end)
    assert int(result.result) != os.getpgrp()


def test_on_kill_ends_the_command_and_its_children() -> None:
    with DAG("d"):
        operator = BashOperator(task_id="t", bash_command="sleep 60 & sleep 60")
    threading.Timer(0.5, operator.on_kill).start()
    started = time.monotonic()
    with pytest.raises(AirflowException, match=f"killed by signal {signal.SIGTERM.value}"):
        operator.execute({})  # type: ignore[arg-type]
    assert time.monotonic() - started < 30


def test_a_child_that_stays_behind_does_not_hold_the_task() -> None:
    started = time.monotonic()
    assert bash("sleep 30 & echo done").result == "done"
    assert time.monotonic() - started < 20


def test_an_interruption_ends_the_command(tmp_path: Path) -> None:
    class Stop(BaseException):
        pass

    def stop(line: str) -> None:
        raise Stop

    hook = SubprocessHook()
    with pytest.raises(Stop):
        hook.run_command(["bash", "-c", "echo go; sleep 60"], on_line=stop)
    assert hook.sub_process is not None
    assert hook.sub_process.wait(timeout=20) == -signal.SIGTERM


def test_task_bash_runs_what_the_function_returns() -> None:
    with DAG("d", params={"name": "Ann"}) as dag:

        @task.bash(env={"GREETING": "hello"})
        def greet(mark: str, ds: str) -> str:
            return f'echo "$GREETING {{{{ params.name }}}} {ds}{mark}"'

        greet("!")
    assert run_task(dag.get_task("greet")).result == "hello Ann 2024-06-15!"


def test_script_files_beside_the_dag_are_templates(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("echo {{ ds }} {{ params.x }}")
    with DAG("d", template_searchpath=str(tmp_path), params={"x": 5}):
        operator = BashOperator(task_id="t", bash_command="run.sh")
    assert run_task(operator).result == "2024-06-15 5"


def test_files_named_in_templates_are_read_where_their_ending_is_given(tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("select '{{ ds }}'")
    with DAG("d", template_searchpath=str(tmp_path)):
        operator = PythonOperator(
            task_id="t",
            python_callable=lambda templates_dict: templates_dict["query"],
            templates_dict={"query": "q.sql"},
            templates_exts=[".sql"],
        )
    assert run_task(operator).result == "select '2024-06-15'"


def test_bash_sensors_wait_for_exit_code_0() -> None:
    def poke(command: str, **kwargs: Any) -> bool:
        with DAG("d"):
            return BashSensor(task_id="t", bash_command=command, **kwargs).poke({})  # type: ignore[arg-type]

    assert poke("true")
    assert not poke("exit 3")
    assert not poke("exit 3", retry_exit_code=3)
    with pytest.raises(AirflowFailException, match="code 4"):
        poke("exit 4", retry_exit_code=3)


def test_file_sensors_wait_for_files(tmp_path: Path) -> None:
    def poke(path: Any, **kwargs: Any) -> bool:
        with DAG("d"):
            return FileSensor(task_id="t", filepath=path, **kwargs).poke({})  # type: ignore[arg-type]

    (tmp_path / "empty").mkdir()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    assert not poke(str(tmp_path / "*.csv"))
    assert not poke(tmp_path / "empty")
    (tmp_path / "deep" / "er" / "a.csv").touch()
    assert poke(tmp_path / "deep")
    assert poke(str(tmp_path / "**" / "*.csv"), recursive=True)
    assert not poke(str(tmp_path / "*.csv"))


def test_sql_is_one_transaction(tmp_path: Path) -> None:
    path = str(tmp_path / "data?.db")

    def run(sql: Any, **kwargs: Any) -> Any:
        with DAG("d"):
            return run_task(SQLExecuteQueryOperator(task_id="t", sql=sql, conn_id=path, **kwargs)).result

    run("create table t (a unique)")
    with pytest.raises(Exception, match="UNIQUE"):
        run("insert into t values (1); insert into t values (1);")
    assert run("select count(*) from t") == [(0,)]
    with pytest.raises(Exception, match="UNIQUE"):
        run("insert into t values (1); insert into t values (1);", autocommit=True)
    assert run("select count(*) from t") == [(1,)]
    hook = SqliteHook(path)
    hook.insert_rows("t", [(2,), (3,)], ["a"])
    assert hook.get_records("select a from t order by a") == [(1,), (2,), (3,)]
    assert hook.get_first("select max(a) from t where a < ?", [3]) == (2,)
    assert Path(path).exists()
