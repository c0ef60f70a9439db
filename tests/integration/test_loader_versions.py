"""What of a DAG file and its surroundings is recorded, and how a stored version is loaded again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.loading import ETL, Dags, dags_with_maker, in_child, task_ids
from tui_flow.loader.load import Loaded, import_dags
from tui_flow.loader.sources import SourceView

QUERY = """
from tui_flow import DAG
from tui_flow.sdk.operator import BaseOperator
class Query(BaseOperator):
    template_fields, template_ext = ("sql",), (".sql",)
    def __init__(self, *, sql, **kwargs):
        super().__init__(**kwargs)
        self.sql = sql
with DAG("etl", schedule=None):
    Query(task_id="q", sql="FILE")
"""
"""A DAG file whose task has a template file."""


@pytest.fixture
def dags(tmp_path: Path) -> Dags:
    return dags_with_maker(tmp_path)


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
    dags.write("etl.py", QUERY.replace("FILE", "sql/main.sql"))
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
    dags.write("etl.py", QUERY.replace("FILE", "q.sql"))
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
