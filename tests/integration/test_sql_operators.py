"""SQL operators on SQLite files: by Python's module, through SQLAlchemy, by a driver that a connection names."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.sdk.fakes import FakeBackend, context_for, run_task
from tui_flow import DAG, EmptyOperator, SQLExecuteQueryOperator
from tui_flow.operators.db_api_hook import DbApiHook, fetch_one_handler, split_sql
from tui_flow.operators.generic_transfer import GenericTransfer
from tui_flow.operators.sql import PostgresOperator, SqliteOperator
from tui_flow.operators.sql_branch import BranchSQLOperator, is_true
from tui_flow.operators.sql_checks import (
    SQLCheckOperator,
    SQLIntervalCheckOperator,
    SQLThresholdCheckOperator,
    SQLValueCheckOperator,
)
from tui_flow.operators.sql_hook import MySqlHook, PostgresHook, SqlHook
from tui_flow.operators.sql_sensor import SqlSensor
from tui_flow.operators.sql_table_checks import SQLColumnCheckOperator, SQLTableCheckOperator, meets
from tui_flow.operators.sqlite_hook import SqliteHook
from tui_flow.sdk.backend import backend_in_use
from tui_flow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException

KINDS = ["sqlite", "sqlalchemy", "driver"]


@pytest.fixture
def backend(tmp_path: Path) -> Any:
    """Connections to one file in each way, and `other`."""
    path = str(tmp_path / "data.db")
    by_driver = {"dbapi_module": "sqlite3", "connect_args": {"database": path}}
    connections: dict[str, dict[str, Any]] = {
        "sqlite": {"conn_type": "sqlite", "host": path},
        "sqlalchemy": {"conn_type": "sql", "extra": json.dumps({"sqlalchemy_url": f"sqlite:///{path}"})},
        "driver": {"conn_type": "sql", "extra": json.dumps(by_driver)},
        "other": {"conn_type": "sqlite", "host": str(tmp_path / "other.db")},
        "pg": {"conn_type": "postgres", "host": "h", "login": "u", "password": "p@ss-word", "schema": "d", "port": 5},
        "empty": {"conn_type": "sql"},
        "http": {"conn_type": "http", "host": "h"},
    }
    SqliteHook(path).run(
        "create table t (a unique, b); insert into t values (1, 'x'), (2, null)", split_statements=True
    )
    used = FakeBackend(connections=connections)
    with backend_in_use(used):
        yield used


def ran(operator: Any, **kwargs: Any) -> Any:
    with DAG("d", params={"least": 1}):
        return run_task(operator(task_id="t", **kwargs)).result


@pytest.mark.parametrize("kind", KINDS)
def test_queries_run_in_one_transaction_whatever_the_driver(backend: Any, kind: str) -> None:
    def run(sql: Any, **kwargs: Any) -> Any:
        return ran(SQLExecuteQueryOperator, sql=sql, conn_id=kind, **kwargs)

    assert run("select a from t where a >= {{ params.least }} order by a") == [(1,), (2,)]
    assert run("select a from t where a > ?", parameters=[1]) == [(2,)]
    assert run("select a from t order by a", handler=fetch_one_handler) == (1,)
    with pytest.raises(Exception, match="UNIQUE"):
        run("insert into t values (7, 'y'); insert into t values (7, 'y')")
    assert run("select count(*) from t") == [(2,)]
    with pytest.raises(Exception, match="UNIQUE"):
        run(["insert into t values (7, 'y')", "insert into t values (7, 'y')"], autocommit=True)
    assert run("select count(*) from t") == [(3,)]


def test_results_are_those_that_were_asked_for(backend: Any) -> None:
    two = "select 1 as one; select 2"
    assert ran(SQLExecuteQueryOperator, sql=two, conn_id="sqlite", return_last=False) == [[(1,)], [(2,)]]
    assert ran(SQLExecuteQueryOperator, sql=two, conn_id="sqlite", do_xcom_push=False) is None
    with_names = ran(
        SQLExecuteQueryOperator,
        sql="select 1 as one",
        conn_id="sqlite",
        output_processor=lambda results, descriptions: [dict(zip([descriptions[0][0][0]], results[0][0], strict=True))],
    )
    assert with_names == {"one": 1}
    assert ran(SqliteOperator, sql="select 3", sqlite_conn_id="sqlite") == [(3,)]
    with pytest.raises(ValueError, match="list of statements is empty"):
        ran(SQLExecuteQueryOperator, sql=" ; ", conn_id="sqlite")


def test_sql_files_are_templates(backend: Any, tmp_path: Path) -> None:
    (tmp_path / "q.sql").write_text("select '{{ ds }}', :n;")
    with DAG("d", template_searchpath=str(tmp_path)):
        operator = SQLExecuteQueryOperator(task_id="t", sql="q.sql", conn_id="sqlite", parameters={"n": 5})
    assert run_task(operator).result == [("2024-06-15", 5)]


def test_connections_that_are_no_database_are_refused(backend: Any) -> None:
    with pytest.raises(AirflowException, match="'http' is no database: its hook is HttpHook"):
        ran(SQLExecuteQueryOperator, sql="select 1", conn_id="http")
    with pytest.raises(AirflowException, match="'empty' needs an extra sqlalchemy_url or dbapi_module"):
        ran(SQLExecuteQueryOperator, sql="select 1", conn_id="empty")
    with pytest.raises(AirflowNotFoundException, match="'missing' does not exist"):
        ran(SQLExecuteQueryOperator, sql="select 1", conn_id="missing")


@pytest.mark.parametrize("kind", KINDS)
def test_hooks_read_insert_and_are_tested(backend: Any, kind: str) -> None:
    hook = DbApiHook.get_hook(kind)
    hook.insert_rows("t", [(3, "z"), (4, "w")], ["a", "b"])
    assert hook.get_first("select max(a) from t") == (4,)
    assert hook.get_records("select b from t where a = 3") == [("z",)]
    with pytest.raises(Exception, match="UNIQUE"):
        hook.insert_rows("t", [(5, "z"), (1, "w")], commit_every=0)
    with pytest.raises(Exception, match="UNIQUE"):
        hook.insert_rows("t", [(5, "z"), (6, "z"), (7, "z"), (1, "w")], commit_every=2)
    assert hook.get_first("select max(a) from t") == (6,)
    assert hook.test_connection()[0]
    hook.run("delete from t where a > 2", autocommit=True)
    assert hook.get_first("select count(*) from t") == (2,)


def test_the_engine_of_a_file(backend: Any) -> None:
    hook = SqliteHook("sqlite")
    hook.run("create table if not exists made (a)", autocommit=True)
    with hook.get_sqlalchemy_engine().connect() as connection:
        assert connection.exec_driver_sql("select count(*) from made").scalar() == 0


def test_a_missing_file_is_not_made_by_a_test_of_its_connection(backend: Any, tmp_path: Path) -> None:
    assert SqliteHook("other").test_connection() == (
        False,
        f"there is no file {tmp_path}/other.db; the first task that uses it makes it",
    )
    (tmp_path / "other.db").write_text("no database" * 100)
    with pytest.raises(Exception, match="not a database"):
        SqliteHook("other").test_connection()


def test_urls_are_made_of_the_connections_parts(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = {"psycopg2"}
    monkeypatch.setattr("tui_flow.operators.sql_drivers.find_spec", lambda name: name if name in installed else None)
    assert PostgresHook("pg").get_uri() == "postgresql+psycopg2://u:p%40ss-word@h:5/d"
    assert SqlHook("pg", database="other").get_uri().endswith("@h:5/other")
    installed.clear()
    with pytest.raises(AirflowException, match="needs a driver; install one of psycopg, psycopg2, pg8000"):
        PostgresHook("pg").get_uri()
    assert (MySqlHook().get_conn_id(), PostgresHook().get_conn_id()) == ("mysql_default", "postgres_default")


def test_a_driver_that_is_not_installed_is_named(backend: Any) -> None:
    backend.connections |= {
        "a": {"conn_type": "sql", "extra": '{"dbapi_module": "no_such_driver"}'},
        "b": {"conn_type": "sql", "extra": '{"sqlalchemy_url": "oracle+oracledb://h/d"}'},
    }
    with pytest.raises(AirflowException, match="needs the driver 'no_such_driver', which is not installed"):
        SqlHook("a").get_conn()
    with pytest.raises(AirflowException, match="the driver for oracle\\+oracledb is not installed"):
        SqlHook("b").get_conn()
    assert PostgresOperator.conn_id_field == "postgres_conn_id"


def test_checks_of_a_query(backend: Any) -> None:
    def check(operator: Any, **kwargs: Any) -> None:
        ran(operator, conn_id="sqlite", **kwargs)

    check(SQLCheckOperator, sql="select count(*), 'x' from t")
    for sql, message in (("select 1, 0", "Test failed"), ("select 1 where 0", "returned zero rows")):
        with pytest.raises(AirflowException, match=message):
            check(SQLCheckOperator, sql=sql)
    with pytest.raises(AirflowFailException):
        check(SQLCheckOperator, sql="select 0", retry_on_failure=False)
    check(SQLValueCheckOperator, sql="select 95, 105", pass_value=100, tolerance=0.05)
    check(SQLValueCheckOperator, sql="select 'ab'", pass_value="ab")
    check(SQLValueCheckOperator, sql="select -95", pass_value=-100, tolerance=0.05)
    for sql, value in (("select 94", 100), ("select 'ab'", "a"), ("select 1 where 0", 1)):
        with pytest.raises(AirflowException):
            check(SQLValueCheckOperator, sql=sql, pass_value=value, tolerance=0.05)
    check(SQLThresholdCheckOperator, sql="select 5", min_threshold=5, max_threshold="select 6")
    with pytest.raises(AirflowException, match="7 is not between 5.0 and 6"):
        check(SQLThresholdCheckOperator, sql="select 7", min_threshold=5, max_threshold="select 6")


def test_a_days_metrics_are_compared_with_those_of_a_day_before(backend: Any) -> None:
    SqliteHook("sqlite").run(
        ["create table m (ds, n)", "insert into m values ('2024-06-15', 30), ('2024-06-08', 10), ('2024-06-14', 0)"]
    )

    def check(threshold: float, **kwargs: Any) -> None:
        ran(SQLIntervalCheckOperator, table="m", metrics_thresholds={"sum(n)": threshold}, conn_id="sqlite", **kwargs)

    check(3.1)
    check(2.1, ratio_formula="relative_diff")
    check(1, days_back=-1)
    for kwargs in ({"ratio_formula": "relative_diff"}, {"days_back": -1, "ignore_zero": False}):
        with pytest.raises(AirflowException, match="sum"):
            check(1.9, **kwargs)
    with pytest.raises(ValueError, match="max_over_min or relative_diff"):
        check(1, ratio_formula="max")


def test_checks_of_columns(backend: Any) -> None:
    def check(**mapping: Any) -> None:
        ran(SQLColumnCheckOperator, table="t", column_mapping=mapping, conn_id="sqlite")

    check(a={"null_check": {"equal_to": 0}, "unique_check": {"equal_to": 0}, "min": {"geq_to": 1, "less_than": 2}})
    check(b={"null_check": {"equal_to": 0, "partition_clause": "a < 2"}, "distinct_check": {"leq_to": 1}})
    with pytest.raises(AirflowException, match="column b, check null_check: found 1") as caught:
        check(a={"max": {"greater_than": 2}}, b={"null_check": {"equal_to": 0}})
    assert "column a, check max: found 2" in str(caught.value)
    for bad, message in (
        ({"mean": {"equal_to": 0}}, "no check 'mean'"),
        ({"min": {"equals": 0}}, "'equals' is no comparison"),
        ({"min": {}}, "it has no comparison"),
        ({"min": {"equal_to": 0, "geq_to": 0}}, "goes with no other"),
    ):
        with pytest.raises(ValueError, match=message):
            check(a=bad)


def test_limits_are_widened_by_the_tolerance() -> None:
    assert meets(110, {"equal_to": 100, "tolerance": 0.1}) and not meets(111, {"equal_to": 100, "tolerance": 0.1})
    assert meets(91, {"greater_than": 100, "tolerance": 0.1}) and not meets(90, {"greater_than": 100, "tolerance": 0.1})
    assert meets(110, {"leq_to": 100, "tolerance": 0.1}) and not meets(110, {"less_than": 100, "tolerance": 0.1})
    assert meets(date(2024, 1, 2), {"geq_to": date(2024, 1, 2)}) and not meets(None, {"geq_to": 0})


def test_checks_of_a_table(backend: Any) -> None:
    def check(**kwargs: Any) -> None:
        ran(SQLTableCheckOperator, table="t", conn_id="sqlite", **kwargs)

    check(checks={"rows": {"check_statement": "COUNT(*) = 2"}, "positive": {"check_statement": "a > 0"}})
    check(checks={"one": {"check_statement": "COUNT(*) = 1", "partition_clause": "a = 1"}})
    check(checks={"one": {"check_statement": "COUNT(*) = 1"}}, partition_clause="a = 2")
    with pytest.raises(AirflowException, match="check big: a > 1"):
        check(checks={"rows": {"check_statement": "COUNT(*) = 2"}, "big": {"check_statement": "a > 1"}})
    with pytest.raises(ValueError, match="'x' has no check_statement"):
        check(checks={"x": {}})


def test_a_query_chooses_the_branch(backend: Any) -> None:
    def skipped(sql: str) -> list[str]:
        with DAG("d"):
            branch = BranchSQLOperator(
                task_id="b",
                sql=sql,
                conn_id="sqlite",
                follow_task_ids_if_true=["yes"],
                follow_task_ids_if_false=["no"],
            )
            branch >> [EmptyOperator(task_id="yes"), EmptyOperator(task_id="no")]
        return run_task(branch).ti.skipped

    assert skipped("select count(*) > 1 from t") == ["no"]
    assert skipped("select 'off'") == ["yes"]
    assert is_true(2.5, "b") and not is_true(0, "b") and is_true(" Yes ", "b")
    for bad in ("maybe", None, b"x"):
        with pytest.raises(AirflowException, match="neither true nor false"):
            is_true(bad, "b")
    with pytest.raises(AirflowException, match="returned no row"):
        skipped("select 1 where 0")


def test_the_sensor_waits_for_a_row(backend: Any) -> None:
    def poke(sql: str, **kwargs: Any) -> bool:
        with DAG("d"):
            sensor = SqlSensor(task_id="t", conn_id="sqlite", sql=sql, **kwargs)
        return sensor.poke(context_for(sensor))

    assert poke("select a from t where a = ?", parameters=[2])
    assert not poke("select 0") and not poke("select 1 where 0")
    assert poke("select 0, 5", selector=lambda row: row[1], success=lambda value: value == 5)
    with pytest.raises(AirflowException, match="failure criteria met"):
        poke("select 9", failure=lambda value: value == 9)
    with pytest.raises(AirflowException, match="fail_on_empty is set"):
        poke("select 1 where 0", fail_on_empty=True)
    with pytest.raises(AirflowException, match="success must be a function"):
        poke("select 1", success=5)


@pytest.mark.parametrize("page_size", [None, 1, 2])
def test_rows_go_from_one_database_to_another(backend: Any, page_size: int | None) -> None:
    ran(
        GenericTransfer,
        sql="select a, b from t order by a",
        destination_table="copy",
        source_conn_id="sqlalchemy",
        destination_conn_id="other",
        preoperator=["drop table if exists copy", "create table copy (a, b)"],
        page_size=page_size,
    )
    assert SqliteHook("other").get_records("select * from copy order by a") == [(1, "x"), (2, None)]


def test_dollar_quotes_hold_a_statement_together() -> None:
    function = "create function f() returns int as $$ begin; return 1; end; $$ language plpgsql; select f()"
    assert len(split_sql(function)) == 2
    assert split_sql("select 1; -- ; no\nselect 2")[1:] == ["-- ; no\nselect 2;"]


class FakeFrame:
    """What of pandas is used, where it is not installed."""

    @staticmethod
    def from_records(rows: Any, columns: list[str], **kwargs: Any) -> tuple[Any, ...]:
        return list(rows), columns, kwargs


@pytest.mark.parametrize("method", ["get_df", "get_pandas_df"])
def test_rows_come_as_a_frame_with_the_columns_names(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=FakeFrame))
    hook = SqliteHook(str(tmp_path / "a.db"))
    hook.run(["create table t (a, b)", "insert into t values (1, 'x'), (2, null)"])
    get = getattr(hook, method)
    assert get("select a, b from t where a > ?", parameters=(0,)) == ([(1, "x"), (2, None)], ["a", "b"], {})
    assert get("select a from t where a > 9", index=["n"]) == ([], ["a"], {"index": ["n"]})
