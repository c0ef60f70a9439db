"""`tuiflow import airflow`: from a database with Airflow's tables, and from the files that it exports."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.integration.cli_home import as_json
from tests.integration.postgres import postgres_program, postgres_server
from tui_flow.cli.app import run
from tui_flow.settings import Home
from tui_flow.store.reader import Reader

Output = pytest.CaptureFixture[str]
SECRET = "p@ss/word"
KEY = Fernet.generate_key().decode()

SCHEMA_3 = """
CREATE TABLE variable (
    id INTEGER NOT NULL, "key" VARCHAR(250), val TEXT NOT NULL, description TEXT, is_encrypted BOOLEAN,
    team_name VARCHAR(50), PRIMARY KEY (id), UNIQUE ("key"));
CREATE TABLE connection (
    id INTEGER NOT NULL, conn_id VARCHAR(250) NOT NULL, conn_type VARCHAR(500) NOT NULL, description TEXT,
    host VARCHAR(500), schema VARCHAR(500), login TEXT, password TEXT, port INTEGER, is_encrypted BOOLEAN,
    is_extra_encrypted BOOLEAN, team_name VARCHAR(50), extra TEXT, PRIMARY KEY (id), UNIQUE (conn_id));
CREATE TABLE slot_pool (
    id INTEGER NOT NULL, pool VARCHAR(256), slots INTEGER, description TEXT, include_deferred BOOLEAN NOT NULL,
    team_name VARCHAR(50), PRIMARY KEY (id), UNIQUE (pool));
"""
SCHEMA_1 = """
CREATE TABLE variable (id INTEGER PRIMARY KEY, "key" VARCHAR(250), val TEXT, is_encrypted BOOLEAN);
CREATE TABLE connection (
    id INTEGER PRIMARY KEY, conn_id VARCHAR(250), conn_type VARCHAR(500), host VARCHAR(500), schema VARCHAR(500),
    login VARCHAR(500), password VARCHAR(5000), port INTEGER, extra VARCHAR(5000), is_encrypted BOOLEAN,
    is_extra_encrypted BOOLEAN);
CREATE TABLE slot_pool (id INTEGER PRIMARY KEY, pool VARCHAR(50), slots INTEGER, description TEXT);
"""


@pytest.fixture
def home() -> Home:
    return Home(Path(os.environ["TUIFLOW_HOME"]))


def sealed(text: str, key: str = KEY) -> str:
    return Fernet(key).encrypt(text.encode()).decode()


def airflow_at(folder: Path, schema: str = SCHEMA_3) -> Path:
    """A SQLite database as an Airflow leaves it, and its airflow.cfg."""
    folder.mkdir(exist_ok=True)
    (folder / "airflow.cfg").write_text(f"[core]\nfernet_key = {KEY}\ndags_folder = %(here)s/dags\n")
    with closing(sqlite3.connect(folder / "airflow.db")) as database, database:
        database.executescript(schema)
        insert(database, "variable", key="region", val=sealed("eu-west"), is_encrypted=True)
        insert(database, "variable", key="plain", val='{"a": 1}', is_encrypted=False)
        insert(
            database,
            "connection",
            conn_id="warehouse",
            conn_type="postgres",
            host="db",
            schema="main",
            login="etl",
            password=sealed(SECRET),
            port=5432,
            is_encrypted=True,
            is_extra_encrypted=True,
            extra=sealed('{"sslmode": "require"}'),
        )
        insert(database, "connection", conn_id="bare", conn_type="", is_encrypted=False, is_extra_encrypted=False)
        flags = {"include_deferred": True} if "include_deferred" in schema else {}
        insert(database, "slot_pool", pool="default_pool", slots=128, **dict.fromkeys(flags, False))
        insert(database, "slot_pool", pool="db", slots=3, description="few", **flags)
    return folder / "airflow.db"


def insert(database: sqlite3.Connection, table: str, **values: object) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    database.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})", [*values.values()])


@pytest.mark.parametrize("schema", [SCHEMA_3, SCHEMA_1])
def test_everything_comes_over_and_no_secret_is_shown(
    tmp_path: Path, home: Home, capsys: Output, monkeypatch: pytest.MonkeyPatch, schema: str
) -> None:
    airflow_at(tmp_path / "airflow", schema)
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    assert run(["import", "airflow", "-y"]) == 0
    told = "".join(capsys.readouterr())
    assert "imported 5, left 1 as they are" in told
    assert not any(secret in told for secret in (SECRET, "sslmode", "eu-west", KEY))
    with Reader(home.database) as reader:
        warehouse, bare, region = reader.connection("warehouse"), reader.connection("bare"), reader.variable("region")
        pools = {use.pool.name: use.pool for use in reader.pools()}
    assert warehouse is not None and bare is not None and region is not None
    assert (warehouse.password, warehouse.extra, warehouse.port) == (SECRET, '{"sslmode": "require"}', 5432)
    assert (region.value, bare.conn_type) == ("eu-west", "generic")
    assert (pools["db"].slots, pools["db"].include_deferred) == (3, schema is SCHEMA_3)


@pytest.mark.skipif(postgres_program("initdb") is None, reason="PostgreSQL's server is not installed")
def test_a_postgresql_database_is_read_by_whatever_driver_is_there(tmp_path: Path, home: Home, capsys: Output) -> None:
    pytest.importorskip("pg8000")
    import sqlalchemy

    with postgres_server() as folder:
        place = f"postgres@/postgres?unix_sock={folder}/.s.PGSQL.5432"
        engine = sqlalchemy.create_engine(f"postgresql+pg8000://{place}")
        words = ["import", "airflow", "-y", "--fernet-key", KEY, "--db", f"postgresql+asyncpg://{place}"]
        assert run(words) > 0
        assert "is not one of Airflow's" in capsys.readouterr().err
        with engine.begin() as database:
            for statement in SCHEMA_3.split(";")[:-1]:
                database.execute(sqlalchemy.text(statement))
            box = {"s": sealed("eu-west"), "p": sealed(SECRET)}
            database.execute(sqlalchemy.text("INSERT INTO variable VALUES (1, 'region', :s, NULL, true, NULL)"), box)
            columns = "id, conn_id, conn_type, login, password, port, is_encrypted, is_extra_encrypted"
            values = "1, 'warehouse', 'postgres', 'etl', :p, 5432, true, false"
            database.execute(sqlalchemy.text(f"INSERT INTO connection ({columns}) VALUES ({values})"), box)
            database.execute(sqlalchemy.text("INSERT INTO slot_pool VALUES (1, 'db', 3, 'few', true, NULL)"))
        engine.dispose()
        assert run(words) == 0, capsys.readouterr().err
    with Reader(home.database) as reader:
        warehouse, region = reader.connection("warehouse"), reader.variable("region")
        pools = {use.pool.name: use.pool for use in reader.pools()}
    assert warehouse is not None and (warehouse.password, warehouse.port) == (SECRET, 5432)
    assert region is not None and region.value == "eu-west"
    assert (pools["db"].slots, pools["db"].include_deferred) == (3, True)


def test_a_database_without_a_driver_says_which_to_install(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_flow.operators.sql_drivers.find_spec", lambda name: None)
    assert run(["import", "airflow", "--db", "mysql+mysqldb://u:hunter2@h/db"]) == 1
    told = capsys.readouterr().err
    assert "the mysql+mysqldb database cannot be read: needs a driver; install one of pymysql" in told
    assert "hunter2" not in told


def test_what_is_there_stays_unless_told_otherwise(tmp_path: Path, home: Home, capsys: Output) -> None:
    words = ["import", "airflow", "--db", str(airflow_at(tmp_path / "airflow")), "--fernet-key", KEY]
    assert run(["variables", "set", "region", "mine"]) == 0
    shown = {each["name"]: each["what"] for each in as_json(capsys, *words, "--dry-run")["items"]}
    assert shown["region"].startswith("stays") and shown["plain"] == "new"
    assert run(words) == 2, "nobody said yes"
    assert "Import 4 of these?" in capsys.readouterr().err
    for more, value in (([], "mine"), (["--overwrite"], "eu-west")):
        assert run([*words, "-y", *more]) == 0
        with Reader(home.database) as reader:
            assert (found := reader.variable("region")) is not None and found.value == value


def test_what_cannot_be_decrypted_is_named_and_the_rest_comes(tmp_path: Path, home: Home, capsys: Output) -> None:
    database = str(airflow_at(tmp_path / "airflow"))
    for key in (Fernet.generate_key().decode(), ""):
        (tmp_path / "airflow" / "airflow.cfg").write_text(f"[core]\nfernet_key = {key}\n")
        words = ["import", "airflow", "--db", database, "--airflow-home", str(tmp_path / "airflow"), "-y"]
        assert run(words) == 1
        told = capsys.readouterr().err
        assert "variable 'region'" in told and "connection 'warehouse'" in told and "--fernet-key" in told
    with Reader(home.database) as reader:
        assert reader.variable_keys() == ["plain"] and reader.connection_ids() == ["bare"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--db", "{tmp}/none.db"], "there is no database"),
        (["--db", "{tmp}/text.db"], "is not a database of Airflow's"),
        (["--db", "sqlite:///{tmp}/text.db"], "is not a database of Airflow's"),
        (["--db", "nonsense://me:hunter2@h/db"], "cannot be read"),
        (["--db", "{tmp}/airflow/airflow.db", "--fernet-key", "x"], "the Fernet key is none"),
        (["--db", "a", "--export", "b.json"], "not both"),
        (["--export", "{tmp}/none.json"], "cannot read"),
        (["--export", "pots={tmp}/text.json"], "'pots' is unknown"),
        (["--export", "{tmp}/text.json"], "does not say what it holds"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_line(tmp_path: Path, capsys: Output, words: list[str], said: str) -> None:
    airflow_at(tmp_path / "airflow")
    (tmp_path / "text.db").write_text("no database, but long enough to be read as one, with a header of its own....")
    (tmp_path / "text.json").write_text('{"a": "b"}')
    assert run(["import", "airflow", *[word.format(tmp=tmp_path) for word in words]]) > 0
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1 and "hunter2" not in told


def test_files_of_every_format(tmp_path: Path, home: Home, capsys: Output) -> None:
    connection = {"conn_type": "http", "host": "h", "extra": {"a": "b"}}
    files = {
        "variables.json": json.dumps({"a": 1, "b": {"value": "x", "description": "told"}}),
        "more.env": "c=3\n",
        "connections.yaml": "web:\n  conn_type: http\n  host: h\n",
        "all.json": json.dumps({"json": connection}),
        "uris.env": f"lite=sqlite:///x.db\nold={json.dumps(connection)}\n",
        "pools.json": '{"p": {"slots": 2, "description": ""}}',
        "slots.yaml": "q:\n  slots: 1\n",
    }
    words = ["import", "airflow", "-y"]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        kind = "variables=" if name == "more.env" else ""
        words += ["--export", f"{kind}{tmp_path / name}"]
    assert run(words) == 0, capsys.readouterr().err
    with Reader(home.database) as reader:
        assert reader.variable_keys() == ["a", "b", "c"]
        assert reader.connection_ids() == ["json", "lite", "old", "web"]
        assert {use.pool.name for use in reader.pools()} >= {"p", "q"}


def test_one_connection_that_cannot_be_keeps_no_other_away(tmp_path: Path, home: Home, capsys: Output) -> None:
    database = airflow_at(tmp_path / "airflow")
    with closing(sqlite3.connect(database)) as theirs, theirs:
        insert(theirs, "connection", conn_id="odd", conn_type="x", extra="not json", is_extra_encrypted=False)
    assert run(["import", "airflow", "--db", str(database), "--fernet-key", KEY, "-y"]) == 1
    assert "left out: connection 'odd': extra is not JSON" in capsys.readouterr().err
    with Reader(home.database) as reader:
        assert reader.connection_ids() == ["bare", "warehouse"]
