"""Importing DAG files in real processes: import errors, what is recorded, stored versions."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.integration.loading import DAG_OF, Dags, in_child
from tui_flow.loader.failure import FailureKind
from tui_flow.loader.load import Loaded, import_dags, is_fork_safe
from tui_flow.loader.sources import SourceView

ETL = "from make import dag_of\ndag = dag_of('a')\n"


@pytest.fixture
def dags(tmp_path: Path) -> Dags:
    folder = Dags(tmp_path)
    folder.write("make.py", DAG_OF)
    return folder


def task_ids(loaded: Loaded) -> list[str]:
    assert loaded.failure is None, loaded.failure
    return [task.task_id for spec in loaded.specs for task in spec.tasks]


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
    dags.write("etl.py", "x = 1")
    loaded = dags.load()
    assert loaded.specs == () and loaded.failure is None and "no DAG found" in loaded.warnings[0]


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


# What is recorded


def recorded(dags: Dags, loaded: Loaded) -> set[str]:
    return set(SourceView(dags.sources, loaded.source_version).manifest)


def test_modules_files_and_folders_that_are_read(dags: Dags) -> None:
    dags.write("lib/__init__.py", "")
    dags.write("lib/steps.py", "from . import names")
    dags.write("lib/names.py", "A = 'a'")
    dags.write("plugins/plugged.py", "")
    dags.write("conf/a.yml", "a")
    dags.write("conf/b.yml", "b")
    dags.write("opened.txt", "")
    dags.write("written.txt", "")
    dags.write(
        "etl.py",
        """
        import io, os, json
        from pathlib import Path
        from lib.steps import names
        import plugged
        here = Path(__file__).parent
        texts = [path.read_text() for path in here.glob("conf/*.yml")]
        open(here / "opened.txt").close()
        open(here / "written.txt", "w").close()
        try:
            open(here / "absent.txt")
        except OSError:
            pass
        try:
            import optional_thing
        except ImportError:
            pass
        from make import dag_of
        dag = dag_of("a")
        """,
    )
    loaded = dags.load()
    assert recorded(dags, loaded) - {"./"} == {  # Python 3.12's glob looks at the folder above too
        "etl.py", "make.py", "lib/__init__.py", "lib/steps.py", "lib/names.py", "plugins/plugged.py",
        "conf/", "conf/a.yml", "conf/b.yml", "opened.txt",
    }  # fmt: skip
    assert {"absent.txt", "optional_thing.py", "optional_thing/"} <= set(loaded.dependencies)
    assert "written.txt" not in loaded.dependencies


def test_modules_that_tasks_import_later(dags: Dags) -> None:
    dags.write("lazy/__init__.py", "")
    dags.write("lazy/inner.py", "def f():\n    from lazy.deeper import x")
    dags.write("lazy/deeper.py", "raise RuntimeError('never run by a parse')")
    dags.write("etl.py", ETL + "def task():\n    import json, lazy.inner")
    assert {"lazy/__init__.py", "lazy/inner.py", "lazy/deeper.py"} <= recorded(dags, dags.load())


def test_template_files_and_what_they_include(dags: Dags) -> None:
    dags.write("sql/main.sql", "{% include 'sql/part.sql' %} select 1")
    dags.write("sql/part.sql", "-- part")
    dags.write(
        "etl.py",
        """
        from tui_flow import DAG
        from tui_flow.sdk.operator import BaseOperator
        class Query(BaseOperator):
            template_fields, template_ext = ("sql",), (".sql",)
            def __init__(self, *, sql, **kwargs):
                super().__init__(**kwargs)
                self.sql = sql
        with DAG("etl", schedule=None):
            Query(task_id="q", sql="sql/main.sql")
        """,
    )
    assert {"sql/main.sql", "sql/part.sql"} <= recorded(dags, dags.load())


def test_the_version_follows_what_was_read_and_nothing_else(dags: Dags) -> None:
    dags.write("conf.txt", "1")
    dags.write("etl.py", ETL + "open(__file__.replace('etl.py', 'conf.txt')).read()\n")
    first = dags.load().source_version
    dags.write("other.txt", "unread")
    assert dags.load().source_version == first
    dags.write("conf.txt", "2")
    second = dags.load().source_version
    dags.write("conf.txt", "1")
    assert dags.load().source_version == first != second


def test_a_stale_bytecode_file_is_never_executed(dags: Dags) -> None:
    import os
    import py_compile

    lib = dags.write("lib.py", "NAME = 'a'\n")
    py_compile.compile(str(lib))
    times = lib.stat().st_atime_ns, lib.stat().st_mtime_ns
    lib.write_text("NAME = 'b'\n")
    os.utime(lib, ns=times)
    dags.write("etl.py", "from make import dag_of\nimport lib\ndag = dag_of(lib.NAME)")
    assert task_ids(dags.load()) == ["b"]
    assert len(list((dags.folder / "__pycache__").iterdir())) == 1


def test_stored_sources_are_private(dags: Dags) -> None:
    dags.write("etl.py", ETL)
    dags.load()
    assert all(path.stat().st_mode & 0o077 == 0 for path in dags.sources.rglob("*"))


# Stored versions


def test_a_stored_version_is_executed_although_the_disk_has_changed(dags: Dags) -> None:
    dags.write("lib.py", "NAME = 'old_module'")
    dags.write("conf/x.txt", "old_text")
    dags.write("conf/gone.txt", "old_gone")
    source = """
        import os, sys
        from pathlib import Path
        from make import dag_of
        import lib
        here = Path(__file__).parent
        texts = [path.read_text() for path in sorted((here / "conf").iterdir())]
        names = sorted(entry.name.replace(".", "_") for entry in os.scandir(here / "conf") if entry.is_file())
        with open(here / "conf" / "gone.txt") as file:
            again = "again_" + file.read()
        assert (here / "conf" / "gone.txt").exists()
        dag = dag_of("old_file", lib.NAME, *texts, *names, again)
        """
    dags.write("etl.py", source)
    first = dags.load()
    old = task_ids(first)
    assert {"old_module", "old_text", "old_gone", "gone_txt", "again_old_gone"} <= set(old)
    dags.write("etl.py", source.replace("old", "new"))
    (dags.folder / "lib.py").unlink()
    dags.write("lib/__init__.py", "NAME = 'new_package'")
    dags.write("conf/x.txt", "new_text")
    dags.write("conf/added.txt", "new_added")
    (dags.folder / "conf/gone.txt").unlink()
    stored = dags.load(version=first.source_version)
    assert task_ids(stored) == old
    assert stored.source_version == first.source_version
    (dags.folder / "etl.py").unlink()
    assert task_ids(dags.load(version=first.source_version)) == old


def test_after_the_import_files_are_those_on_the_disk(dags: Dags) -> None:
    dags.write("conf.txt", "old")
    dags.write("lazy.py", "WORD = 'old'")
    dags.write(
        "etl.py",
        """
        from make import dag_of
        conf = __file__.replace("etl.py", "conf.txt")
        open(conf).close()
        dag = dag_of("a")
        def read():
            import lazy
            return [open(conf).read(), lazy.WORD]
        dag.read = read
        """,
    )
    version = dags.load().source_version
    dags.write("conf.txt", "new")
    dags.write("lazy.py", "WORD = 'new'")

    def work() -> object:
        (dag,) = import_dags(dags.request(version=version)).dags
        return dag.read()  # type: ignore[attr-defined]

    assert in_child(work)[0] == ["new", "old"]


def test_templates_are_rendered_from_the_stored_version(dags: Dags) -> None:
    dags.write("q.sql", "old {{ 1 + 1 }}")
    dags.write(
        "etl.py",
        """
        from tui_flow import DAG
        from tui_flow.sdk.operator import BaseOperator
        class Query(BaseOperator):
            template_fields, template_ext = ("sql",), (".sql",)
            def __init__(self, *, sql, **kwargs):
                super().__init__(**kwargs)
                self.sql = sql
        with DAG("etl", schedule=None):
            Query(task_id="q", sql="q.sql")
        """,
    )
    version = dags.load().source_version
    dags.write("q.sql", "new")

    def work() -> object:
        (dag,) = import_dags(dags.request(version=version)).dags
        return dag.get_task("q").get_template_env().get_template("q.sql").render()

    assert in_child(work)[0] == "old 2"


def test_tracebacks_show_the_stored_lines(dags: Dags) -> None:
    dags.write("etl.py", ETL + "def fail():\n    raise ValueError('old line')\ndag.fail = fail")
    version = dags.load().source_version
    dags.write("etl.py", "\n" * 10)

    def work() -> str:
        import traceback

        (dag,) = import_dags(dags.request(version=version)).dags
        try:
            dag.fail()  # type: ignore[attr-defined]
        except ValueError:
            return traceback.format_exc()
        return ""

    assert "raise ValueError('old line')" in in_child(work)[0]


def test_a_version_that_is_gone_or_damaged_is_refused(dags: Dags) -> None:
    dags.write("etl.py", ETL)
    version = dags.load().source_version
    failure = dags.load(version="0" * 16).failure
    assert failure is not None and "source version 0000000000000000 is not in the home any more" in failure.message
    for blob in (dags.sources / "blobs").iterdir():
        blob.write_text("tampered")
    failure = dags.load(version=version).failure
    assert failure is not None and f"source version {version} is damaged" in failure.message


def test_a_blob_that_a_power_loss_cut_short_is_written_again(dags: Dags) -> None:
    dags.write("etl.py", ETL)
    version = dags.load().source_version
    for blob in (dags.sources / "blobs").iterdir():
        blob.write_bytes(b"")
    assert dags.load().source_version == version
    assert task_ids(dags.load(version=version)) == ["a"]


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
