from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from tests.unit.sdk.fakes import AT, FakeBackend, context_for, run_task
from tui_flow import (
    DAG,
    BashOperator,
    DateTimeSensor,
    DayOfWeekSensor,
    ExternalTaskSensor,
    SQLExecuteQueryOperator,
    TimeDeltaSensor,
    TimeSensor,
    TriggerDagRunOperator,
    task,
)
from tui_flow.operators.bash import check_exit_code, exit_codes
from tui_flow.operators.db_api_hook import split_sql
from tui_flow.operators.sqlite_hook import SqliteHook
from tui_flow.operators.time_delta_sensor import WaitSensor
from tui_flow.sdk.backend import DagInfo, RunStateRow, TaskStateRow, backend_in_use
from tui_flow.sdk.exceptions import (
    AirflowException,
    AirflowNotFoundException,
    AirflowPokeFailException,
    AirflowSkipException,
    DagNotFound,
    DagRunAlreadyExists,
)

NOON = datetime.fromisoformat(AT)


def made(operator: Any, **kwargs: Any) -> Any:
    with DAG("d"):
        return operator(task_id="t", **kwargs)


# bash


def test_the_environment_of_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FROM_OUTSIDE", "1")
    monkeypatch.setenv("TUIFLOW_ATTEMPT", "journal/7")

    def env(**kwargs: Any) -> dict[str, str]:
        operator = made(BashOperator, bash_command="", **kwargs)
        found: dict[str, str] = operator.get_env(context_for(operator))
        return found

    assert env()["FROM_OUTSIDE"] == "1"
    assert env(env={"A": "b"}, append_env=True).items() >= {"FROM_OUTSIDE": "1", "A": "b"}.items()
    only = env(env={"A": "b"})
    assert "FROM_OUTSIDE" not in only
    assert only["TUIFLOW_ATTEMPT"] == "journal/7"
    assert only["AIRFLOW_CTX_DAG_ID"] == only["TUIFLOW_CTX_DAG_ID"] == "d"
    assert only["AIRFLOW_CTX_LOGICAL_DATE"] == AT
    for bad in (1, "nul\0", "x" * 200_000):
        with pytest.raises(AirflowException, match="value of 'A'"):
            env(env={"A": bad})


def test_exit_codes_mean_success_skipped_or_failed() -> None:
    assert [exit_codes(codes) for codes in (None, 99, [7, 8])] == [(), (99,), (7, 8)]
    check_exit_code(0, (99,))
    with pytest.raises(AirflowSkipException, match="exit code 99"):
        check_exit_code(99, (99,))
    with pytest.raises(AirflowException, match="non-zero exit code 99"):
        check_exit_code(99, ())
    with pytest.raises(AirflowException, match="killed by signal 9"):
        check_exit_code(-9, ())


def test_a_missing_folder_is_named() -> None:
    with pytest.raises(AirflowException, match="cwd '/no/such/folder' does not exist"):
        run_task(made(BashOperator, bash_command="true", cwd="/no/such/folder"))


def test_the_function_of_task_bash_must_return_a_command() -> None:
    with DAG("d") as dag:

        @task.bash
        def nothing() -> None: ...

        nothing()
    with pytest.raises(TypeError, match="must return a command"):
        run_task(dag.get_task("nothing"))


def test_task_bash_may_have_several_outputs() -> None:
    with DAG("d") as dag:

        @task.bash(multiple_outputs=True, output_processor=json.loads)
        def facts() -> str:
            return """echo '{"a": 1}'"""

        facts()
    made = dag.get_task("facts")
    assert made.multiple_outputs and run_task(made).result == {"a": 1}


# sensors of dates


def test_sensors_of_dates() -> None:
    def poke(operator: Any, **kwargs: Any) -> bool:
        sensor = made(operator, **kwargs)
        context = context_for(sensor)
        sensor.render_template_fields(context)
        return bool(sensor.poke(context))

    assert poke(DateTimeSensor, target_time="{{ logical_date }}")
    assert not poke(DateTimeSensor, target_time=datetime(2999, 1, 1))
    assert poke(TimeDeltaSensor, delta=timedelta(days=1))
    assert not poke(TimeDeltaSensor, delta=timedelta(days=300_000))
    assert poke(TimeSensor, target_time=time(0, 0))
    assert poke(WaitSensor, time_to_wait=timedelta(0))
    assert not poke(WaitSensor, time_to_wait=5)
    assert poke(DayOfWeekSensor, week_day="Saturday", use_task_logical_date=True)
    assert not poke(DayOfWeekSensor, week_day="Sunday", use_task_logical_date=True)
    with pytest.raises(TypeError, match="target_time"):
        made(DateTimeSensor, target_time=5)


# runs of other DAGs


def trigger(backend: FakeBackend, **kwargs: Any) -> Any:
    with backend_in_use(backend):
        return run_task(made(TriggerDagRunOperator, trigger_dag_id="other", **kwargs))


def test_a_run_is_triggered_with_rendered_arguments() -> None:
    backend = FakeBackend()
    ran = trigger(
        backend, conf={"at": "{{ ds }}"}, trigger_run_id="r-{{ ds }}", logical_date="{{ logical_date }}", note="n"
    )
    assert backend.triggered == [
        {
            "dag_id": "other",
            "run_id": "r-2024-06-15",
            "conf": {"at": "2024-06-15"},
            "logical_date": NOON,
            "reset": False,
            "note": "n",
        }
    ]
    assert ran.ti.xcom_pull(task_ids="t", key="trigger_run_id") == "r-2024-06-15"


@pytest.mark.parametrize("conf", ["no JSON", "[1]", {"a": object()}])
def test_a_conf_that_is_no_json_object_is_refused_by_its_name(conf: Any) -> None:
    with pytest.raises(ValueError, match="conf of 't' must be"):
        trigger(FakeBackend(), conf=conf)


def test_a_conf_may_be_json_text() -> None:
    backend = FakeBackend()
    trigger(backend, conf='{"a": 1}')
    trigger(backend, conf="")
    assert [call["conf"] for call in backend.triggered] == [{"a": 1}, {}]


def test_an_existing_run_fails_or_skips() -> None:
    backend = FakeBackend(refusal=DagRunAlreadyExists("there is one"))
    with pytest.raises(DagRunAlreadyExists):
        trigger(backend)
    with pytest.raises(AirflowSkipException, match="there is one"):
        trigger(backend, skip_when_already_exists=True)


def test_a_failed_run_may_be_allowed() -> None:
    backend = FakeBackend(runs=[RunStateRow("generated", NOON, "failed")])
    trigger(backend, wait_for_completion=True, poke_interval=0, allowed_states=["failed"], failed_states=[])
    with pytest.raises(ValueError, match="'t': 'succes' is no state of a DAG run"):
        made(TriggerDagRunOperator, trigger_dag_id="other", allowed_states=["succes"])


@pytest.mark.parametrize(("state", "message"), [("failed", "ended failed"), ("success", None)])
def test_waiting_ends_with_the_run(state: str, message: str | None) -> None:
    backend = FakeBackend(runs=[RunStateRow("generated", NOON, state)])
    if message is None:
        trigger(backend, wait_for_completion=True)
    else:
        with pytest.raises(AirflowException, match=message):
            trigger(backend, wait_for_completion=True)


def test_a_run_that_can_reach_no_wanted_state_ends_the_wait() -> None:
    for runs in ([], [RunStateRow("generated", NOON, "success")]):
        with pytest.raises(AirflowException, match="neither allowed nor failed"):
            trigger(FakeBackend(runs=runs), wait_for_completion=True, allowed_states=["queued"])


def test_paused_and_missing_dags_are_refused_where_asked() -> None:
    with pytest.raises(AirflowException, match="'other' is paused"):
        trigger(FakeBackend(dags={"other": DagInfo(True, (), {})}), fail_when_dag_is_paused=True)
    with pytest.raises(DagNotFound):
        trigger(FakeBackend(), fail_when_dag_is_paused=True)


# waiting for other DAGs

INFO = {"other": DagInfo(False, ("a", "g.b", "g.c"), {"g": ("g.b", "g.c")})}


def waits(backend: FakeBackend, **kwargs: Any) -> bool:
    sensor = made(ExternalTaskSensor, external_dag_id="other", **kwargs)
    with backend_in_use(backend):
        return bool(sensor.poke(context_for(sensor)))


def state_of(*states: str, task_id: str = "a", at: datetime = NOON) -> list[TaskStateRow]:
    return [TaskStateRow("r", at, task_id, index, state) for index, state in enumerate(states)]


def test_a_run_of_the_same_logical_date_is_waited_for() -> None:
    assert waits(FakeBackend(runs=[RunStateRow("r", NOON, "success")]))
    assert not waits(FakeBackend(runs=[RunStateRow("r", NOON, "running")]))
    assert not waits(FakeBackend())


def test_tasks_are_waited_for_with_all_their_instances() -> None:
    assert waits(FakeBackend(tasks=state_of("success", "success")), external_task_id="a")
    assert not waits(FakeBackend(tasks=state_of("success", "running")), external_task_id="a")
    assert not waits(FakeBackend(tasks=state_of("success")), external_task_ids=["a", "g.b"])
    both = state_of("success") + state_of("success", task_id="g.b")
    assert waits(FakeBackend(tasks=both), external_task_ids=["a", "g.b"])


def test_groups_are_waited_for_task_by_task() -> None:
    rows = state_of("success", task_id="g.b")
    assert not waits(FakeBackend(dags=INFO, tasks=rows), external_task_group_id="g")
    rows += state_of("success", task_id="g.c")
    assert waits(FakeBackend(dags=INFO, tasks=rows), external_task_group_id="g")


def test_other_dates_come_from_a_delta_or_a_function() -> None:
    before = [RunStateRow("r", NOON - timedelta(days=1), "success")]
    assert waits(FakeBackend(runs=before), execution_delta=timedelta(days=1))
    assert waits(FakeBackend(runs=before), execution_date_fn=lambda at: at - timedelta(days=1))
    both = [*before, RunStateRow("s", NOON, "success")]
    function = {"execution_date_fn": lambda at, ds: [at, at - timedelta(days=1)]}
    assert waits(FakeBackend(runs=both), **function)
    assert not waits(FakeBackend(runs=before), **function)


def test_failed_and_skipped_states_end_the_wait() -> None:
    failed = FakeBackend(tasks=state_of("failed"))
    with pytest.raises(AirflowPokeFailException, match="task a ended failed"):
        waits(failed, external_task_id="a", failed_states=["failed"])
    with pytest.raises(AirflowSkipException, match="is skipped"):
        waits(FakeBackend(tasks=state_of("skipped")), external_task_id="a", skipped_states=["skipped"])
    assert not waits(failed, external_task_id="a")


def test_existence_is_checked_where_asked() -> None:
    with pytest.raises(AirflowException, match="DAG other does not exist"):
        waits(FakeBackend(), check_existence=True)
    with pytest.raises(AirflowException, match="task zz in DAG other does not exist"):
        waits(FakeBackend(dags=INFO), check_existence=True, external_task_id="zz")
    with pytest.raises(AirflowException, match="group zz"):
        waits(FakeBackend(dags=INFO), external_task_group_id="zz")


@pytest.mark.parametrize(
    "kwargs",
    [
        {"external_task_id": "a", "external_task_ids": ["b"]},
        {"external_task_id": "a", "external_task_group_id": "g"},
        {"execution_delta": timedelta(1), "execution_date_fn": print},
        {"external_task_ids": ["a", "a"]},
        {"allowed_states": ["success"], "failed_states": ["success"]},
        {"external_task_id": "a", "allowed_states": ["done"]},
        {"allowed_states": ["skipped"]},
    ],
)
def test_contradictory_sensors_are_refused(kwargs: dict[str, Any]) -> None:
    with pytest.raises((ValueError, AirflowException), match="'t'"):
        made(ExternalTaskSensor, external_dag_id="other", **kwargs)


# sql


def query(sql: Any, **kwargs: Any) -> Any:
    return run_task(made(SQLExecuteQueryOperator, sql=sql, conn_id=":memory:", **kwargs)).result


SCRIPT = "create table t (a, b); insert into t values (1, 'x;y'), (2, :p);"


def test_the_last_statements_rows_are_the_result() -> None:
    rows = query(["create table t (a)", "insert into t values (1), (2)", "select a from t order by a"])
    assert rows == [(1,), (2,)]
    assert query("select :day as d", parameters={"day": "{{ ds }}"}) == [("2024-06-15",)]
    assert query(["select 1", "select 2"], return_last=False) == [[(1,)], [(2,)]]
    assert query("select 1", handler=None) is None


def test_scripts_are_split_outside_of_quotes() -> None:
    assert split_sql(SCRIPT) == ["create table t (a, b);", "insert into t values (1, 'x;y'), (2, :p);"]
    assert split_sql("select 1") == ["select 1;"]
    trigger_text = "create trigger x after insert on t begin select 1; select 2; end; select 3"
    assert len(split_sql(trigger_text)) == 2
    assert split_sql(" ; ;\n") == []


def test_connections_name_the_file() -> None:
    connections = {
        "by_host": {"conn_type": "sqlite", "host": "/tmp/a.db"},
        "by_schema": {"conn_type": "sqlite", "schema": "/tmp/b.db"},
        "foreign": {"conn_type": "postgres", "host": "h"},
        "empty": {"conn_type": "sqlite"},
    }
    with backend_in_use(FakeBackend(connections=connections)):
        assert SqliteHook("by_host").path() == "/tmp/a.db"
        assert SqliteHook("by_schema").path() == "/tmp/b.db"
        assert SqliteHook("/tmp/c.db").path() == "/tmp/c.db"
        with pytest.raises(AirflowException, match="can reach only sqlite"):
            SqliteHook("foreign").path()
        with pytest.raises(AirflowException, match="names no file"):
            SqliteHook("empty").path()
        with pytest.raises(AirflowNotFoundException):
            SqliteHook("missing").path()


def test_dates_have_zones() -> None:
    assert made(DateTimeSensor, target_time="2024-01-01T00:00:00").moment == datetime(2024, 1, 1, tzinfo=UTC)
