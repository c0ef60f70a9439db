"""Which code runs: changed files are seen, broken ones leave the last good version, runs keep what they started
with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.engine_kit import Engine, engine_in
from tui_flow.errors import NotPossible
from tui_flow.state import RunState

ETL = """
from tui_flow import DAG, task, BashOperator
import ledger
from shared.settings import COLOUR

with DAG("etl", schedule=None):
    @task
    def one():
        ledger.start("one")
        ledger.gate("go")
        ledger.end("one")
        return "VERSION"

    @task
    def two():
        from shared import lazy
        return f"VERSION {COLOUR} {lazy.SHAPE}"

    one() >> two()
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    dags = {
        "shared/__init__.py": "",
        "shared/settings.py": "COLOUR = 'red'\n",
        "shared/lazy.py": "SHAPE = 'round'\n",
        "etl.py": ETL.replace("VERSION", "v1"),
    }
    with engine_in(tmp_path, dags) as engine:
        yield engine.start()


def wait_error(engine: Engine, text: str) -> str:
    """The import error that says so."""

    def look() -> list[str]:
        errors = engine.reads(lambda reader: reader.import_errors()) or []
        return [error.message for error in errors if text in error.message]

    return engine.until(look, f"an import error says {text!r}")[0]


def source_of(engine: Engine, dag_id: str) -> str:
    dag = engine.reads(lambda reader: reader.dag(dag_id))
    assert dag is not None
    return dag.source_version


def wait_new_source(engine: Engine, old: str) -> str:
    engine.until(lambda: source_of(engine, "etl") != old, "the change is seen")
    return source_of(engine, "etl")


def ran(engine: Engine) -> object:
    engine.open_gate("go")
    engine.trigger("etl")
    assert engine.wait_run("etl") is RunState.SUCCESS
    return engine.xcom("etl", "two")


def test_new_changed_and_deleted_files_are_seen(engine: Engine) -> None:
    assert ran(engine) == "v1 red round"
    old = source_of(engine, "etl")
    engine.dag_file("shared/settings.py", "COLOUR = 'blue'\n")
    old = wait_new_source(engine, old)
    assert ran(engine) == "v1 blue round"
    engine.dag_file("shared/lazy.py", "SHAPE = 'square'\n")
    old = wait_new_source(engine, old)
    assert ran(engine) == "v1 blue square"
    engine.dag_file("etl.py", ETL.replace("VERSION", "v2"))
    wait_new_source(engine, old)
    assert ran(engine) == "v2 blue square"
    spec_versions = engine.sql("SELECT count(*) FROM spec_version WHERE dag_id = 'etl'")
    assert spec_versions == [(1,)], "what the DAG looks like has not changed"

    engine.dag_file("new/more.py", ETL.replace('"etl"', '"more"'))
    engine.until(lambda: engine.reads(lambda reader: reader.dag("more")), "a new file is seen")
    (engine.dags / "new" / "more.py").rename(engine.dags / "moved.py")
    file_of = "SELECT file, is_missing FROM dag WHERE dag_id = 'more'"
    engine.until(lambda: engine.sql(file_of) == [("moved.py", 0)], "a renamed file takes its DAG along")
    (engine.dags / "moved.py").unlink()
    engine.until(lambda: engine.sql("SELECT is_missing FROM dag WHERE dag_id = 'more'") == [(1,)], "it is gone")
    engine.check()


def test_a_broken_file_leaves_the_last_good_version(engine: Engine) -> None:
    engine.until(lambda: engine.reads(lambda reader: reader.dag("etl")), "it is parsed")
    engine.dag_file("etl.py", ETL.replace("VERSION", "v2") + "\nraise ValueError('broken here')\n")
    message = wait_error(engine, "broken here")
    assert message.startswith("etl.py:21: ValueError: broken here"), message
    with pytest.raises(NotPossible, match="import error"):
        engine.trigger("etl")
    engine.open_gate("go")
    engine.trigger("etl", last_good=True)
    assert engine.wait_run("etl") is RunState.SUCCESS
    assert engine.xcom("etl", "two") == "v1 red round"
    engine.dag_file("etl.py", ETL.replace("VERSION", "v3"))
    engine.until(lambda: not engine.reads(lambda reader: reader.import_errors()), "it is mended")
    assert ran(engine) == "v3 red round"
    engine.check()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(:\n", "SyntaxError"),
        ("import os; os._exit(0)\n", "process exited"),
        ("import sys; sys.exit(1)\n", "SystemExit"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)\n", "SIGSEGV"),
        ("import time; time.sleep(1000)\n", "still running after 2 s"),
        ("x = []\nwhile True: x.append('x' * 10_000_000)\n", "MemoryError"),
        ("import no_such_module\n", "No module named 'no_such_module'"),
    ],
)
def test_files_that_cannot_be_imported(tmp_path: Path, text: str, said: str) -> None:
    """Each in a process of its own: nothing of it touches the scheduler or other files."""
    good = ETL.replace("from shared.settings import COLOUR", "COLOUR = 1").replace('"etl"', '"good"')
    timeout_s = 2 if said.startswith("still running") else 60  # a busy machine may take 2 s to fill its memory
    settings = {"TUIFLOW_SCHEDULER_PARSE_TIMEOUT_S": timeout_s, "TUIFLOW_SCHEDULER_PARSE_MEMORY_BYTES": 400 * 1024**2}
    with engine_in(tmp_path, {}, **settings) as engine:
        engine.start()
        engine.dag_file("bad.py", "from tui_flow import DAG\n" + text)
        engine.dag_file("good.py", good)
        engine.until(lambda: engine.reads(lambda reader: reader.dag("good")), "the other file is parsed")
        message = wait_error(engine, said)
        assert message.startswith("bad.py"), message
        assert not engine.has_died()


def test_a_run_in_flight_keeps_its_code(engine: Engine) -> None:
    """Also when the file is gone."""
    engine.trigger("etl")
    engine.wait_started("one")
    old = source_of(engine, "etl")
    engine.dag_file("shared/settings.py", "COLOUR = 'blue'\n")
    engine.dag_file("shared/lazy.py", "SHAPE = 'square'\n")
    engine.dag_file("etl.py", ETL.replace("VERSION", "v2"))
    wait_new_source(engine, old)
    (engine.dags / "etl.py").unlink()
    engine.until(lambda: engine.sql("SELECT is_missing FROM dag WHERE dag_id = 'etl'") == [(1,)], "it is gone")
    engine.restart()
    engine.open_gate("go")
    assert engine.wait_run("etl") is RunState.SUCCESS
    assert engine.xcom("etl", "two") == "v1 red round"
    engine.check()


BROKEN_TASK = """
from tui_flow import DAG, task

with DAG("mend", schedule=None):
    @task
    def wrong():
        CODE

    @task
    def after(value):
        return value + 1

    after(wrong())
"""


def test_mend_the_file_clear_the_task(engine: Engine) -> None:
    engine.dag_file("mend.py", BROKEN_TASK.replace("CODE", "raise ValueError"))
    engine.trigger("mend")
    assert engine.wait_run("mend") is RunState.FAILED
    before = engine.run("mend").source_version
    engine.dag_file("mend.py", BROKEN_TASK.replace("CODE", "return 41"))
    engine.until(lambda: source_of(engine, "mend") != before, "the change is seen")
    preview = engine.ask("preview", verb="clear", args={"dag_id": "mend", "tasks": ["wrong"]})
    assert preview["version"]["is_newest"] is False and preview["version"]["kept"] is False
    engine.ask("clear", dag_id="mend", tasks=["wrong"], same_version=True)
    engine.until(lambda: len(engine.attempts("mend", "wrong")) == 2, "it runs again")
    assert engine.wait_run("mend") is RunState.FAILED
    engine.ask("clear", dag_id="mend", tasks=["wrong"])
    assert engine.wait_run("mend") is RunState.SUCCESS
    assert engine.xcom("mend", "after") == 42
    assert engine.attempt_states("mend", "wrong") == ["failed", "failed", "success"]
    engine.check()


THREADS = '''
import os
import sys
import threading
import time
from tui_flow import DAG, task, BashOperator
import ledger

threading.Thread(target=lambda: time.sleep(10_000), daemon=True).start()

with DAG("threads", schedule=None):
    @task(retries=1)
    def fresh():
        ledger.start("fresh")
        print("printed")
        os.write(1, b"raw\\n")
        ledger.gate("go")
        ledger.end("fresh")
        return {"pid": os.getpid(), "argv": sys.argv[0]}

    @task
    def pulls(value):
        ledger.start("pulls")
        ledger.end("pulls")
        return value["pid"] != os.getpid()

    shell = BashOperator(task_id="shell", bash_command="""SHELL
        start shell; end shell""")
    pulls(fresh()) >> shell
'''


@pytest.mark.parametrize("killed", ["nobody", "scheduler", "host"])
def test_a_file_with_threads_gets_a_fresh_interpreter_per_attempt(tmp_path: Path, killed: str) -> None:
    with engine_in(tmp_path, {"threads.py": THREADS}) as engine:
        engine.start().trigger("threads")
        attempt = engine.wait_started("fresh")
        match killed:
            case "scheduler":
                engine.restart()
            case "host":
                engine.kill(engine.host_of(attempt))
        engine.open_gate("go")
        assert engine.wait_run("threads") is RunState.SUCCESS
        assert "fresh" in engine.xcom("threads", "fresh")["argv"]
        assert engine.xcom("threads", "pulls") is True
        assert {"printed", "raw"} <= set(engine.said("threads", "fresh"))
        engine.check()


def test_a_version_is_kept_while_something_is_written_half(engine: Engine) -> None:
    """A syntax error in a file that is being written is not shown before it has stood for a moment."""
    engine.until(lambda: engine.reads(lambda reader: reader.dag("etl")), "it is parsed")
    old = source_of(engine, "etl")
    path = engine.dags / "etl.py"
    text = ETL.replace("VERSION", "v2")
    path.write_text(text[: text.index("def two(") + 7])
    for _ in range(50):  # half a second, as an editor or rsync might take
        assert not engine.reads(lambda reader: reader.import_errors())
        time.sleep(0.01)
    path.write_text(text)
    wait_new_source(engine, old)
    assert not engine.reads(lambda reader: reader.import_errors())
    assert ran(engine) == "v2 red round"
