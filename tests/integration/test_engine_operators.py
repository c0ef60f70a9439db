"""Operators in real attempts: connections come over the channel, secrets stay out of logs, kills reach children."""

from __future__ import annotations

from pathlib import Path

from tests.integration.engine_kit import Engine
from tests.integration.loopback import http_server
from tui_flow.state import RunState

TALK = """
from tui_flow import DAG, HttpOperator, ObjectStoragePath, SQLExecuteQueryOperator, task

with DAG("talk", schedule=None):
    @task
    def write(folder: str):
        path = ObjectStoragePath(folder) / "x.txt"
        path.write_text("content")
        return path

    @task
    def read(path):
        return path.read_text()

    @task.external_python(python="python3", show_return_value_in_logs=True)
    def elsewhere(text: str, run_id: str):
        print("elsewhere with", text)
        return [text, run_id]

    asked = HttpOperator(task_id="ask", endpoint="hello", http_conn_id="api", method="GET", log_response=True)
    rows = SQLExecuteQueryOperator(task_id="rows", sql="select 1, 'a'; select 2, 'b'", conn_id="lite")
    elsewhere(read(write("FOLDER"))) >> asked >> rows
"""
ASK = """
from tui_flow import DAG, HttpOperator

with DAG("talk", schedule=None):
    HttpOperator(task_id="ask", endpoint="hello", http_conn_id="api", method="GET", log_response=True)
"""
HANG = """
from tui_flow import DAG, task

with DAG("hang", schedule=None):
    @task.external_python(python="python3")
    def wait():
        import os, time
        with open(os.environ["HANG_FILE"], "w") as file:
            file.write(str(os.getpid()))
        time.sleep(1000)

    wait()
"""


def test_operators_work_together_in_a_run(tmp_path: Path) -> None:
    with http_server() as server, Engine(tmp_path) as engine:
        engine.start()
        login = ("--login", "me", "--host", "127.0.0.1", "--port", str(server.port))
        assert engine.tuiflow("connections", "set", "api", "http", *login).returncode == 0
        assert engine.tuiflow("connections", "set", "lite", "sqlite", "--host", f"{tmp_path}/l.db").returncode == 0
        engine.dag_file("talk.py", TALK.replace("FOLDER", str(tmp_path)))
        run_id = engine.trigger("talk")
        assert engine.wait_run("talk", run_id) is RunState.SUCCESS
        assert engine.xcom("talk", "elsewhere") == ["content", run_id]
        assert engine.xcom("talk", "rows") == [(2, "b")]
        assert server.requests[0]["path"] == "/hello" and "elsewhere with content" in engine.said("talk", "elsewhere")
        engine.stop()
        engine.check()


def test_a_secret_of_a_connection_is_masked_in_the_log(tmp_path: Path) -> None:
    with http_server() as server, Engine(tmp_path) as engine:
        engine.start(TUIFLOW_CONN_API=f"http://me:engine-pass-word@127.0.0.1:{server.port}")
        server.answers["/hello"] = lambda: (200, "you said engine-pass-word")
        engine.dag_file("talk.py", ASK)
        engine.trigger("talk")
        assert engine.wait_run("talk") is RunState.SUCCESS
        said = engine.said("talk", "ask")
        assert any("you said ***" in line for line in said) and not any("pass-word" in line for line in said)


def test_killing_a_task_ends_the_other_python(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    with Engine(tmp_path) as engine:
        engine.start(HANG_FILE=str(told))
        engine.dag_file("hang.py", HANG)
        engine.trigger("hang")
        engine.until(lambda: told.exists() and told.read_text(), "the other Python waits")
        assert engine.tuiflow("kill", "hang", "-y").returncode == 0
        assert engine.wait_run("hang") is RunState.FAILED
        assert not Path(f"/proc/{told.read_text()}").exists()
        engine.check()
