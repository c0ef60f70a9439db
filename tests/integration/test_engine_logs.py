"""What tasks say, in whatever way, arrives in their log while they run; secrets do not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.engine_kit import Engine, engine_in
from tui_flow.logs import Level, LogLine, Source, log_path, safe
from tui_flow.state import RunState

SAYS = '''
import logging
import os
import subprocess
import sys
from tui_flow import DAG, task, BashOperator
import ledger

with DAG("says", schedule=None):
    @task
    def python():
        ledger.start("python")
        for n in range(50):
            print("out", n)
            print("err", n, file=sys.stderr)
            logging.getLogger("mine").warning("log %d", n)
            os.write(1, b"raw %d\\n" % n)
            subprocess.run(["sh", "-c", f"echo child {n}; echo complaint {n} >&2"])
        print("no newline", end="")
        sys.stdout.flush()
        logging.getLogger("mine").debug("not shown")
        ledger.gate("go")
        raise ValueError("a message\\nof two lines")

    BashOperator(task_id="shell", bash_command="""SHELL
        start shell; for n in $(seq 50); do echo out $n; echo err $n >&2; done; printf unfinished
        gate go; end shell""")
    python()
'''


def of(lines: list[LogLine], source: Source, first_word: str) -> list[str]:
    return [line.text for line in lines if line.source is source and line.text.startswith(first_word + " ")]


def test_everything_arrives_in_order_while_the_task_runs(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"says.py": SAYS}) as engine:
        engine.start().trigger("says")
        engine.until(lambda: "raw 49" in engine.said("says", "python"), "raw output arrives")
        engine.until(lambda: "complaint 49" in engine.said("says", "python"), "children's output arrives")
        engine.until(lambda: "err 50" in engine.said("says", "shell"), "a command's output arrives")
        engine.until(lambda: "out 50" in engine.said("says", "shell"), "a command's output arrives")
        assert engine.states("says") == {"python": "running", "shell": "running"}
        engine.open_gate("go")
        assert engine.wait_run("says") is RunState.FAILED
        lines = engine.log("says", "python")
        for source, word in (
            (Source.STDOUT, "out"),
            (Source.STDERR, "err"),
            (Source.TASK, "log"),
            (Source.STDOUT, "raw"),
            (Source.STDOUT, "child"),
            (Source.STDERR, "complaint"),
        ):
            assert of(lines, source, word) == [f"{word} {n}" for n in range(50)], word
        assert {line.level for line in lines if line.text.startswith("log ")} == {Level.WARN}
        texts = [line.text for line in lines]
        assert "no newline" in texts and "not shown" not in texts
        assert "ValueError: a message" in texts and "of two lines" in texts
        assert any(text.strip().startswith('File "') and "says.py" in text for text in texts), "the traceback"
        assert all(line.at is not None for line in lines)
        shell = engine.log("says", "shell")
        assert of(shell, Source.STDOUT, "out") == [f"out {n}" for n in range(1, 51)]
        assert of(shell, Source.STDERR, "err") == [f"err {n}" for n in range(1, 51)]
        assert "unfinished" in [line.text for line in shell]
        engine.check()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("logs")
    with Engine(folder, TUIFLOW_LOGS_HEAD_BYTES=20_000, TUIFLOW_LOGS_TAIL_BYTES=10_000) as engine:
        yield engine.start()


LAST = """
import os
from tui_flow import DAG, task

with DAG("last", schedule=None):
    for n in range(5):
        @task(task_id=f"raw{n}")
        def raw():
            os.write(1, b"x" * 50_000 + b"\\n" + b"the last word\\n")
        raw()
"""


def test_the_end_stands_below_the_last_raw_output(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"last.py": LAST}) as engine:
        engine.start().trigger("last")
        assert engine.wait_run("last") is RunState.SUCCESS
        for n in range(5):
            word, end = engine.said("last", f"raw{n}")[-2:]
            assert word == "the last word"
            assert end.startswith("ended: success after ")


def test_what_was_said_before_a_sigkill_is_there(engine: Engine) -> None:
    engine.dag_file(
        "killed.py", SAYS.replace('"says"', '"killed"').replace("start shell", "start bash").replace("python", "snake")
    )
    engine.trigger("killed")
    engine.until(lambda: "complaint 49" in engine.said("killed", "snake"), "it has said all")
    snake, bash = engine.wait_started("snake"), engine.wait_started("bash")
    engine.until(lambda: "err 50" in engine.said("killed", "shell"), "it has said all")
    engine.kill(engine.ledger().pids[snake], engine.ledger().pids[bash])
    assert engine.wait_run("killed") is RunState.FAILED
    texts = engine.said("killed", "snake")
    for word in ("out", "err", "log", "raw", "child"):
        assert f"{word} 49" in texts
    assert "SIGKILL" in texts[-1]
    assert "unfinished" in engine.said("killed", "shell")


SECRETS = """
import logging
import os
import subprocess
import sys
from tui_flow import DAG, task, mask_secret

with DAG("secrets", schedule=None):
    @task
    def tells():
        os.write(1, b"said before\\n")
        mask_secret("hunter2-secret")
        print("printed hunter2-secret")
        logging.getLogger("x").error("logged %s", "hunter2-secret")
        os.write(1, b"raw hunter2-secret\\n")
        os.write(2, b"split hunter2")
        os.write(2, b"-secret\\n")
        subprocess.run(["sh", "-c", "echo child hunter2-secret; echo child hunter2-secret >&2"])
        subprocess.Popen(["sh", "-c", "sleep 0.2; echo late child hunter2-secret"])
        print({"password": "hunter2-secret"})
        sys.stdout.flush()
        raise RuntimeError("failed with hunter2-secret")

    tells()
"""


def test_a_secret_never_reaches_the_disk(engine: Engine) -> None:
    engine.dag_file("secrets.py", SECRETS)
    engine.trigger("secrets")
    assert engine.wait_run("secrets") is RunState.FAILED
    texts = engine.said("secrets", "tells")
    for word in ("said before", "printed ***", "logged ***", "raw ***", "split ***", "RuntimeError: failed with ***"):
        assert word in texts, (word, texts)
    assert texts.count("child ***") == 2
    for path in (*engine.home.logs.rglob("*.log"), *engine.home.root.glob("tuiflow.db*")):
        assert b"hunter2" not in path.read_bytes(), path


NOISY = """
import os
from tui_flow import DAG, task, BashOperator

with DAG("noisy", schedule=None):
    @task
    def python():
        for n in range(40_000):
            print(f"line {n} {'x' * 60}")

    BashOperator(task_id="shell", bash_command="seq -f 'line %g' 0 400000")
    BashOperator(task_id="one_line", bash_command="head -c 3000000 /dev/zero | tr '\\\\0' x; echo; echo end")
    python()
"""


def test_a_cap_keeps_head_and_tail(engine: Engine) -> None:
    engine.dag_file("noisy.py", NOISY)
    engine.trigger("noisy")
    assert engine.wait_run("noisy") is RunState.SUCCESS
    for task_id, last in (("python", "line 39999"), ("shell", "line 400000")):
        texts = engine.said("noisy", task_id)
        assert any(text.startswith("line 0") for text in texts[:3])
        assert any(text.startswith(last) for text in texts[-3:]), texts[-3:]
        assert [text for text in texts if "bytes left out" in text]
        assert sum(len(text) for text in texts) < 40_000
    assert "end" in engine.said("noisy", "one_line")
    assert engine.xcom("noisy", "shell") == "line 400000"


RUDE = """
from tui_flow import DAG, task, BashOperator

with DAG("rude", schedule=None):
    @task
    def python():
        print("\\x1b]0;PWN\\x07\\x1b[2Jcleared\\0nul\\u202egnp")
        import os
        os.write(1, b"\\xff\\xfe not utf-8\\n")

    BashOperator(task_id="shell", bash_command=r"printf '\\033[31mred\\033[0m\\n'")
    python()
"""


def test_escape_codes_are_inert_and_bytes_are_kept(engine: Engine) -> None:
    engine.dag_file("rude.py", RUDE)
    engine.trigger("rude")
    assert engine.wait_run("rude") is RunState.SUCCESS
    texts = [safe(text) for task_id in ("python", "shell") for text in engine.said("rude", task_id)]
    assert not any(set(text) & {"\x1b", "\x07", "\0", "\u202e"} for text in texts)
    assert any("␛[31mred␛[0m" in text for text in texts)
    assert any("\\xff\\xfe not utf-8" in text for text in texts)


def test_logs_are_private_and_a_deleted_one_is_begun_anew(engine: Engine) -> None:
    engine.dag_file(
        "says.py", SAYS.replace("python", "cobra").replace("start shell", "start sh").replace("gate go", "gate late")
    )
    engine.close_gate("go")
    engine.trigger("says")
    engine.until(lambda: "complaint 49" in engine.said("says", "cobra"), "it has said all")
    path = log_path(engine.home.logs, "says", engine.run("says").run_id, "cobra", -1, 1)
    assert path.stat().st_mode & 0o777 == 0o600
    assert all(os.stat(folder).st_mode & 0o077 == 0 for folder in (engine.home.logs, path.parent, path.parent.parent))
    path.unlink()
    for gate in ("go", "late"):
        engine.open_gate(gate)
    assert engine.wait_run("says") is RunState.FAILED
    texts = engine.said("says", "cobra")
    assert "the log was deleted; what it held is gone" in texts and "ValueError: a message" in texts


def test_a_long_log_of_the_hosts_is_set_aside(tmp_path: Path) -> None:
    with Engine(tmp_path) as engine:
        log = engine.home.logs / "hosts.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"x" * (10 << 20))
        engine.start()
        assert log.stat().st_size == 10 << 20, "not longer than it may be"
        engine.stop()
        log.write_bytes(b"x" * ((10 << 20) + 1))
        engine.start()
        assert log.stat().st_size < 10 << 20
        assert log.with_name("hosts.log.1").stat().st_size == (10 << 20) + 1
