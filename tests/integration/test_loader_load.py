"""Importing DAG files in real processes: import errors, output, whether they may fork."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.integration.loading import ETL, Dags, dags_with_maker, in_child, task_ids
from tui_flow.loader.failure import FailureKind
from tui_flow.loader.load import Loaded, import_dags, is_fork_safe


@pytest.fixture
def dags(tmp_path: Path) -> Dags:
    return dags_with_maker(tmp_path)


def failure_kind(loaded: Loaded) -> FailureKind | None:
    return loaded.failure.kind if loaded.failure else None


# What a file says


def test_dags_are_found_as_globals_and_by_registering(dags: Dags) -> None:
    dags.write(
        "etl.py",
        """
        from tui_flow import DAG
        with DAG("registered", schedule=None):
            pass
        kept = DAG("a_global", schedule=None)
        again = kept
        def hidden():
            return DAG("hidden", schedule=None)
        """,
    )
    assert {spec.dag_id for spec in dags.load().specs} == {"registered", "a_global"}


def test_a_file_without_dags_says_so(dags: Dags) -> None:
    dags.write("etl.py", "from tui_flow import dag\n@dag\ndef uncalled(): ...")
    loaded = dags.load()
    assert loaded.specs == () and loaded.failure is None
    assert "no DAG found" in loaded.warnings[0] and "calling a @dag function" in loaded.warnings[0]


def test_the_dialect_and_its_reason(dags: Dags) -> None:
    dags.write("etl.py", ETL)
    (spec,) = dags.load().specs
    assert (spec.dialect, spec.dialect_reason, spec.file) == ("tui_flow", "imports tui_flow", "etl.py")


def test_the_file_name_is_the_original_one(dags: Dags) -> None:
    dags.write("etl.py", "print(__file__, __name__, sep='|')")
    path, _, name = dags.load().output.strip().partition("|")
    assert path == str(dags.folder / "etl.py") and name.startswith("tuiflow_dag_") and name.endswith("_etl")


def test_the_answer_survives_its_trip_as_json(dags: Dags) -> None:
    dags.write("etl.py", ETL)
    loaded = dags.load()
    assert Loaded.from_dict(loaded.to_dict()) == loaded


# Import errors


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("x = 1\ndef f(:\n", FailureKind.SYNTAX, "etl.py:2: SyntaxError: "),
        (
            "raise ModuleNotFoundError(\"No module named 'pytz'\", name='pytz')",
            FailureKind.RAISED,
            "etl.py:1: ModuleNotFoundError: No module named 'pytz'; Airflow's own installation has it: ",
        ),
        ("import nothing_such", FailureKind.RAISED, "etl.py:1: ModuleNotFoundError: No module named 'nothing_such'"),
        ("\n1 / 0", FailureKind.RAISED, "etl.py:2: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(0)", FailureKind.EXITED, "etl.py:2: sys.exit(0) was called"),
        ("import os\nos._exit(0)", FailureKind.EXITED, "etl.py: the process exited 0 before registering DAGs"),
        ("raise KeyboardInterrupt", FailureKind.RAISED, "etl.py:1: KeyboardInterrupt"),
        ("x = 'a\0b'", FailureKind.SYNTAX, "etl.py"),
        ("# coding: nonsense", FailureKind.SYNTAX, "etl.py"),
        (
            "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
            FailureKind.CRASHED,
            "etl.py: the process was ended by SIGKILL",
        ),
    ],
)
def test_import_errors(dags: Dags, source: str, kind: FailureKind, message: str) -> None:
    dags.write("etl.py", source)
    loaded = dags.load()
    assert loaded.failure is not None
    assert (loaded.failure.kind, loaded.specs, loaded.source_version) == (kind, (), "")
    assert loaded.failure.message.startswith(message)


def test_a_segfault_names_its_line(dags: Dags) -> None:
    dags.write("etl.py", "print('before')\nimport ctypes\nctypes.string_at(1)\n")
    failure = dags.load().failure
    assert failure is not None and failure.kind is FailureKind.CRASHED
    assert (
        failure.message.startswith("etl.py:3: the process was ended by SIGSEGV") and "before" in failure.traceback_text
    )


def test_an_infinite_loop_ends_with_the_callers_patience(dags: Dags) -> None:
    dags.write("etl.py", "print('looping', flush=True)\nwhile True: pass")
    loaded = dags.load(timeout_s=1)
    assert failure_kind(loaded) is FailureKind.TIMED_OUT and loaded.output == "looping\n"


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS")
def test_too_much_memory(dags: Dags) -> None:
    dags.write("etl.py", "x = bytearray(4 * 1024**3)")
    failure = dags.load(memory_bytes=2 * 1024**3).failure
    assert failure is not None and "parse_memory_bytes" in failure.message


def test_an_error_in_a_module_names_both_places(dags: Dags) -> None:
    dags.write("lib/__init__.py", "")
    dags.write("lib/broken.py", "\n\nraise ValueError('no')")
    dags.write("etl.py", "import os\nfrom lib import broken")
    failure = dags.load().failure
    assert failure is not None and failure.line == 2
    assert failure.message == "lib/broken.py:3 (imported at etl.py:2): ValueError: no"
    assert "importlib" not in failure.traceback_text and "tui_flow" not in failure.traceback_text


def test_one_dag_id_twice_is_an_error(dags: Dags) -> None:
    dags.write("etl.py", "from make import dag_of\na = dag_of('x')\nb = dag_of('y')")
    failure = dags.load().failure
    assert failure is not None and "DAG id 'etl' is used twice in etl.py" in failure.message


def test_the_page_about_assets_is_a_dag_file(dags: Dags) -> None:
    page = (Path(__file__).parents[2] / ".docs" / "assets.md").read_text(encoding="utf-8")
    dags.write("etl.py", page.partition("```python\n")[2].partition("```")[0])
    loaded = dags.load()
    assert loaded.failure is None
    assert {spec.dag_id for spec in loaded.specs} == {"fetch", "report", "archive", "totals"}


def test_one_asset_name_with_two_uris_is_an_error(dags: Dags) -> None:
    lines = ["from tui_flow import DAG, Asset, EmptyOperator"]
    for number in (1, 2):
        outlet = f"Asset('n', 'file:///{number}')"
        lines.append(f"with DAG('d{number}'): EmptyOperator(task_id='t', outlets=[{outlet}])")
    dags.write("etl.py", "\n".join(lines))
    failure = dags.load().failure
    assert failure is not None and "asset 'n' has the URI 'file:///2' in DAG 'd2'" in failure.message


def test_too_many_tasks_are_an_error(dags: Dags) -> None:
    dags.write("etl.py", "from make import dag_of\ndag = dag_of(*(f't{i}' for i in range(10_001)))")
    failure = dags.load().failure
    assert failure is not None and "10001 tasks, over the limit of 10000" in failure.message


def test_a_fork_that_the_file_makes_does_not_answer_too(dags: Dags) -> None:
    dags.write("etl.py", "import os\nif os.fork(): os.wait()\n" + ETL)
    assert task_ids(dags.load()) == ["a"]


# What a file prints


def test_everything_that_is_printed_is_kept(dags: Dags) -> None:
    dags.write(
        "etl.py",
        """
        import os, sys, ctypes
        print("print")
        print("stderr", file=sys.stderr)
        sys.stdout.buffer.write(b"bytes\\n")
        os.write(1, b"descriptor\\n")
        os.system("echo child")
        """,
    )
    assert dags.load().output == "print\nstderr\nbytes\ndescriptor\nchild\n"


def test_a_flood_is_cut_and_harms_nothing(dags: Dags) -> None:
    dags.write(
        "etl.py", "import os\nfor i in range(20_000): print('x' * 100)\nos.system('yes | head -c 100000')\n" + ETL
    )
    loaded = dags.load()
    assert task_ids(loaded) == ["a"]
    assert 60_000 < len(loaded.output) < 70_000 and "more was printed" in loaded.output


def test_output_is_given_back_afterwards(dags: Dags, capfd: pytest.CaptureFixture[str]) -> None:
    dags.write("etl.py", "import os\nos.write(1, b'inside')")

    def work() -> None:
        import_dags(dags.request())
        import os

        os.write(1, b"after")

    in_child(work)
    assert capfd.readouterr().out == "after"


def test_working_directory_and_signals_are_put_back(dags: Dags) -> None:
    dags.write("etl.py", "import os, signal\nos.chdir('/')\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nos.umask(0)")

    def work() -> list[object]:
        import os

        before = os.getcwd(), signal.getsignal(signal.SIGTERM), os.umask(0o077)
        assert import_dags(dags.request()).failure is None
        return [before == (os.getcwd(), signal.getsignal(signal.SIGTERM), os.umask(0o077)) or before]

    os_umask_was_077, exit_code = in_child(lambda: [__import__("os").umask(0o077), work()][1])
    assert (os_umask_was_077, exit_code) == ([True], 0)


# Forking


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", None),
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), name='pool', daemon=True).start()",
            "started 1 thread (pool)",
        ),
        ("import socket\ns = socket.socket()", "opened 1 network connection"),
        ("import socket\nsocket.socket().close()", None),
    ],
)
def test_whether_attempts_may_be_forked(dags: Dags, source: str, reason: str | None) -> None:
    dags.write("etl.py", source + "\n" + ETL)

    def work() -> object:
        assert import_dags(dags.request()).failure is None
        return is_fork_safe()

    found, exit_code = in_child(work)
    assert exit_code == 0
    assert found is None if reason is None else reason in found
