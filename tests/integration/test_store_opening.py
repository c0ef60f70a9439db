"""Which files are taken for our database, and what is said of the others."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from tests.integration.store_kit import NOW, database, run_of, store
from tests.unit.planner.dsl import dag_of
from tui_flow import errors
from tui_flow.store import migrations, opening
from tui_flow.store.reader import Reader
from tui_flow.store.schema import APPLICATION_ID
from tui_flow.store.writer import Writer

OLD_DATABASES = Path(__file__).parents[1] / "data" / "databases"
"""`v<schema>.db`, each written by the release that had that schema."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of a database that is there and closed."""
    with Writer(database(tmp_path)):
        pass
    return database(tmp_path)


def test_a_new_database_is_private_and_whole(tmp_path: Path) -> None:
    path = database(tmp_path)
    with pytest.raises(errors.DatabaseMissing, match="tuiflow up"):
        Reader(path)
    with Writer(path) as writer, Reader(path) as reader:
        assert reader.meta() == writer.reads.meta()
        assert set(reader.meta()) == {"instance_id", "machine_id", "hostname", "created_by", "written_by"}
        assert [use.pool.slots for use in reader.pools()] == [128]
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    assert not list(path.parent.glob("*.new-*"))


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (lambda path: path.write_bytes(b""), errors.DatabaseForeign, "empty"),
        (lambda path: path.write_bytes(b"garbage" * 1000), errors.DatabaseForeign, "not a database"),
        (lambda path: _set(path, "PRAGMA application_id = 7"), errors.DatabaseForeign, "not one of tuiflow"),
        (lambda path: _set(path, "PRAGMA user_version = 999"), errors.DatabaseTooNew, r"schema 999.*schema \d\b"),
        (lambda path: _set(path, "DELETE FROM meta WHERE key = 'instance_id'"), errors.DatabaseForeign, "not whole"),
    ],
    ids=["0 bytes", "garbage", "other program", "newer", "half"],
)
@pytest.mark.parametrize("opener", [Reader, Writer])
def test_what_is_not_ours_is_refused_and_left_alone(
    path: Path, spoil: Callable[[Path], object], error: type[Exception], words: str, opener: Callable[[Path], object]
) -> None:
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(error, match=words):
        opener(path)
    assert path.read_bytes() == before


def test_a_foreign_database_keeps_its_journal_mode(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE mine (x)")
    connection.close()
    with pytest.raises(errors.DatabaseForeign):
        Writer(path)
    assert sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_the_home_of_another_machine_needs_a_takeover(path: Path) -> None:
    _set(path, "UPDATE meta SET value = 'elsewhere' WHERE key IN ('machine_id', 'hostname')")
    if not opening.machine_id():
        pytest.skip("this machine has no id")
    with pytest.raises(errors.DatabaseForeign, match="elsewhere.*takeover"):
        Writer(path)
    with Writer(path, takeover=True):
        pass
    with Writer(path):
        pass


def test_a_home_that_cannot_be_made_names_what_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.HomeNotWritable, match="file"):
        Writer(tmp_path / "file" / "home" / "tuiflow.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_home_names_the_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(errors.HomeNotWritable, match=str(tmp_path)):
            Writer(tmp_path / "tuiflow.db")
    finally:
        tmp_path.chmod(0o700)


def test_readers_need_neither_sqlite_utils_nor_cryptography(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tui_flow.store.reader import Reader; "
        "print(len(Reader(Path(sys.argv[1])).pools()), {'sqlite_utils', 'cryptography', 'croniter'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "1 set()"


def test_opening_a_current_database_to_write_needs_no_sqlite_utils(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tui_flow.store.writer import Writer; Writer(Path(sys.argv[1])); "
        "print('sqlite_utils' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def _next_schema(change: Callable[[Database], None]) -> Migrations:
    steps = Migrations("tuiflow")
    for number in range(1, opening.SCHEMA_VERSION + 1):
        migrations.step(steps, number)(lambda _db: None)
    migrations.step(steps, opening.SCHEMA_VERSION + 1)(change)
    return steps


def _add_colour(db: Database) -> None:
    db.execute("ALTER TABLE dag ADD COLUMN colour TEXT")


def test_an_old_database_is_copied_and_led_to_the_new_schema(path: Path) -> None:
    now = opening.SCHEMA_VERSION
    migrations.migrate(path, now, _next_schema(_add_colour))
    assert _get(path, "PRAGMA user_version") == now + 1
    assert "colour" in Database(path)["dag"].columns_dict
    copy = path.with_name(f"tuiflow.db.before-v{now + 1}")
    assert _get(copy, "PRAGMA user_version") == now and _get(copy, "PRAGMA application_id") == APPLICATION_ID
    with pytest.raises(errors.DatabaseTooNew, match=f"before-v{now + 1} is a copy"):
        Reader(path)


def test_a_step_that_fails_leaves_the_old_schema(path: Path) -> None:
    def change(db: Database) -> None:
        _add_colour(db)
        raise OSError("power cut")

    with pytest.raises(OSError, match="power cut"):
        migrations.migrate(path, opening.SCHEMA_VERSION, _next_schema(change))
    assert _get(path, "PRAGMA user_version") == opening.SCHEMA_VERSION
    assert "colour" not in Database(path)["dag"].columns_dict
    with Writer(path):
        pass


def test_a_reader_of_an_older_schema_says_what_to_do(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _set(path, "PRAGMA user_version = 0")
    with pytest.raises(errors.HomeError, match="restart the scheduler"):
        Reader(path)


def test_the_number_of_the_schema_is_that_of_its_last_step() -> None:
    fresh = Database(memory=True)
    assert len(migrations.STEPS.pending(fresh)) == opening.SCHEMA_VERSION


def _database_of(schema: int, path: Path) -> None:
    """A stored one; of the present schema one that is made now."""
    if schema < opening.SCHEMA_VERSION:
        path.write_bytes((OLD_DATABASES / f"v{schema}.db").read_bytes())
        return
    spec = dag_of("a >> b")
    with Writer(path) as writer:
        store(writer, spec)
        run_of(writer, spec)


@pytest.mark.parametrize("schema", range(1, opening.SCHEMA_VERSION + 1))
def test_databases_of_all_releases_open_and_equal_new_ones(tmp_path: Path, schema: int) -> None:
    path, fresh = tmp_path / "old.db", tmp_path / "new.db"
    _database_of(schema, path)
    with Writer(path, takeover=True) as writer, Writer(fresh):
        writer.quick_check()
        assert writer.reads.dags() and writer.reads.runs()
    assert Database(path).schema == Database(fresh).schema


def test_a_written_database_survives_reopening(path: Path) -> None:
    spec = dag_of("a >> b")
    with Writer(path) as writer:
        store(writer, spec)
        run = run_of(writer, spec)
    with Reader(path) as reader:
        found = reader.run("d")
        assert found is not None and (found.id, found.queued_at) == (run, NOW)
        assert reader.spec("d", spec.version) == spec


def _set(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()


def _get(path: Path, sql: str) -> object:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchone()[0]
    finally:
        connection.close()
