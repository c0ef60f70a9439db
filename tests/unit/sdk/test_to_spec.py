from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.airflow_dags import DATA, dags_of
from tui_flow import (
    DAG,
    Asset,
    BaseOperator,
    BashOperator,
    EmptyOperator,
    ExternalTaskMarker,
    ExternalTaskSensor,
    Label,
    Param,
    PythonOperator,
    PythonSensor,
    ShortCircuitOperator,
    TaskGroup,
    TriggerDagRunOperator,
    chain,
    task,
)
from tui_flow.errors import BadDag, DagCycle
from tui_flow.sdk.asset import AssetAccessControl
from tui_flow.sdk.dag_checks import find_cycle
from tui_flow.sdk.to_spec import dag_to_spec
from tui_flow.settings import CoreSettings
from tui_flow.spec import DagSpec, Dialect, TaskSpec, spec_from_dict, spec_to_dict
from tui_flow.state import CallbackKind, TriggerRule


def test_tasks_name_the_dags_that_they_trigger_or_wait_for() -> None:
    with DAG("d") as dag:
        TriggerDagRunOperator(task_id="go", trigger_dag_id="other")
        TriggerDagRunOperator(task_id="some", trigger_dag_id="{{ params.which }}")
        TriggerDagRunOperator.partial(task_id="each").expand(trigger_dag_id=["x", "y"])
        ExternalTaskSensor(task_id="wait", external_dag_id="before")
        ExternalTaskMarker(task_id="mark", external_dag_id="after", external_task_id="t")
    found = {task.task_id: (task.triggers_dag, task.waits_for_dag) for task in spec_of(dag).tasks}
    nothing = (None, None)
    assert found == {"go": ("other", None), "wait": (None, "before")} | dict.fromkeys(("some", "each", "mark"), nothing)


def spec_of(dag: DAG, dialect: Dialect = "tui_flow") -> DagSpec:
    return dag_to_spec(dag, "d.py", dialect)


def spec_of_task(make: Callable[[], object], **dag_args: Any) -> TaskSpec:
    with DAG("d", **dag_args) as dag:
        EmptyOperator(task_id="up")
        make()
    return spec_of(dag).tasks[-1]


@pytest.mark.parametrize("dag", dags_of(DATA / "oracle_dags.py").values(), ids=lambda dag: dag.dag_id)
def test_airflows_dags_have_specs_that_survive_json(dag: DAG) -> None:
    spec = spec_of(dag, "airflow3")
    assert spec_from_dict(json.loads(json.dumps(spec_to_dict(spec)))) == spec


def test_a_dags_facts() -> None:
    with DAG(
        "d",
        schedule="@daily",
        start_date=datetime(2024, 1, 1),
        end_date=datetime(2025, 1, 1),
        catchup=True,
        tags=["b", "a"],
        description="text",
        doc_md="# Doc",
        max_active_runs=2,
        dagrun_timeout=timedelta(hours=1),
        on_failure_callback=print,
        params={"x": Param(1, type="integer")},
        dag_display_name="The DAG",
    ) as dag:
        EmptyOperator(task_id="a") >> Label("go") >> EmptyOperator(task_id="b")
    spec = dag_to_spec(dag, "d.py", "tui_flow", core=CoreSettings(max_active_tasks=5))
    assert spec.start_date == datetime(2024, 1, 1, tzinfo=UTC)
    assert (spec.tags, spec.display_name, spec.catchup) == (("a", "b"), "The DAG", True)
    assert (spec.max_active_runs, spec.max_active_tasks, spec.dagrun_timeout_s) == (2, 5, 3600.0)
    assert spec.callbacks == (CallbackKind.RUN_FAILURE,)
    assert spec.params == {"x": {"type": "integer", "default": 1}}
    assert spec.edge_labels == {"a>b": "go"}
    assert spec.timetable["kind"] == "CronTimetable"


@pytest.mark.parametrize(
    ("name", "dialect", "schedule", "kind", "catchup"),
    [
        ("", "airflow3", "@daily", "CronTriggerTimetable", False),
        ("CREATE_CRON_DATA_INTERVALS=True", "airflow3", "@daily", "CronDataIntervalTimetable", False),
        ("CREATE_CRON_DATA_INTERVALS=True", "airflow3", timedelta(days=1), "DeltaTriggerTimetable", False),
        ("CREATE_CRON_DATA_INTERVALS=false", "airflow2", "@daily", "CronTriggerTimetable", True),
        ("CREATE_DELTA_DATA_INTERVALS=1", "airflow3", timedelta(days=1), "DeltaDataIntervalTimetable", False),
        ("CATCHUP_BY_DEFAULT=True", "airflow3", "@daily", "CronTriggerTimetable", True),
        ("CATCHUP_BY_DEFAULT=True", "tui_flow", "@daily", "CronTimetable", False),
        ("CREATE_CRON_DATA_INTERVALS=odd", "airflow3", "@daily", "CronTriggerTimetable", False),
    ],
)
def test_airflows_settings_go_before_a_dialects_defaults(
    name: str, dialect: Dialect, schedule: Any, kind: str, catchup: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name:
        monkeypatch.setenv(f"AIRFLOW__SCHEDULER__{name.partition('=')[0]}", name.partition("=")[2])
    spec = spec_of(DAG("d", schedule=schedule, start_date=datetime(2024, 1, 1, tzinfo=UTC)), dialect)
    assert (spec.timetable["kind"], spec.catchup) == (kind, catchup)


def test_dialects_have_their_own_defaults() -> None:
    dag = DAG("d", start_date=datetime(2024, 1, 1))
    ours, two, three = (spec_of(dag, dialect) for dialect in ("tui_flow", "airflow2", "airflow3"))
    assert (ours.catchup, two.catchup, three.catchup) == (False, True, False)
    assert (ours.timetable["kind"], two.timetable["kind"]) == ("NullTimetable", "DeltaDataIntervalTimetable")
    assert (two.max_active_tasks_per_run, three.max_active_tasks_per_run) == (False, True)


def test_a_tasks_facts() -> None:
    made = spec_of_task(
        lambda: PythonOperator(
            task_id="t",
            python_callable=print,
            retries=2,
            retry_delay=timedelta(minutes=1),
            trigger_rule="all_done",
            pool="p",
            queue="q",
            on_retry_callback=print,
            doc_md="doc",
            params={"own": 1},
            outlets=Asset("file:///x", access_control=AssetAccessControl(producer_teams=["a"])),
            start_date=datetime(2024, 2, 1),
            execution_timeout=timedelta(seconds=9),
        ),
        params={"shared": 1},
        start_date=datetime(2024, 1, 1),
    )
    assert (made.operator, made.retries, made.retry_delay_s, made.pool) == ("PythonOperator", 2, 60.0, "p")
    assert (made.trigger_rule, made.execution_timeout_s, made.doc) == (TriggerRule.ALL_DONE, 9.0, "doc")
    assert (made.callbacks, made.ignored) == ((CallbackKind.TASK_RETRY,), ("queue", "access_control"))
    assert made.params == {"own": {"default": 1}}
    assert made.start_date == datetime(2024, 2, 1, tzinfo=UTC)
    assert made.outlets[0]["uri"] == "file:///x"


def test_the_version_knows_structure_not_code() -> None:
    def version(command: str, retries: int) -> str:
        with DAG("d") as dag:
            BashOperator(task_id="a", bash_command=command, retries=retries)
        return spec_of(dag).version

    assert version("echo 1", 0) == version("echo 2", 0)
    assert version("echo 1", 0) != version("echo 1", 1)


def test_groups_and_their_parents() -> None:
    with DAG("d") as dag, TaskGroup("a", tooltip="tip"), TaskGroup("b"):
        EmptyOperator(task_id="t")
    spec = spec_of(dag)
    assert [(group.group_id, group.parent) for group in spec.groups] == [("a", None), ("a.b", "a")]
    assert spec.tasks[0].group == "a.b"


class Fancy(EmptyOperator):
    def execute(self, context: Any) -> None: ...


class Renamed(EmptyOperator):
    ui_color = "#fff"


@pytest.mark.parametrize(
    ("make", "is_empty"),
    [
        (lambda: EmptyOperator(task_id="t"), True),
        (lambda: Renamed(task_id="t"), True),
        (lambda: Fancy(task_id="t"), False),
        (lambda: EmptyOperator(task_id="t", on_success_callback=print), False),
        (lambda: EmptyOperator(task_id="t", pre_execute=print), False),
        (lambda: EmptyOperator(task_id="t", outlets=[Asset("x")]), False),
        (lambda: PythonOperator(task_id="t", python_callable=print), False),
    ],
)
def test_what_needs_no_process(make: Callable[[], object], is_empty: bool) -> None:
    assert spec_of_task(make).is_empty is is_empty


class MyBash(BashOperator):
    pass


def bash(command: Any = "echo", **kwargs: Any) -> Callable[[], object]:
    return lambda: BashOperator(task_id="t", bash_command=command, **kwargs)


@pytest.mark.parametrize(
    ("make", "is_shell"),
    [
        (bash(), True),
        (bash("echo {{ ds }} {{ params.x }} {{ ti.xcom_pull(task_ids='up') }} {{ task_instance_key_str }}"), True),
        (bash("echo", env={"A": "{{ run_id }}"}, append_env=True), True),
        (bash("echo {{ var.value.x }}"), False),
        (bash("echo {{ conn.x.host }}"), False),
        (bash("echo {{ mine('x') }}"), False),
        (bash("echo {{ 'x' | shout }}"), False),
        (bash("echo {{ dag.owner }}"), False),
        (bash("echo {% include 'x' %}"), False),
        (bash("run.sh"), False),
        (bash("echo", output_processor=json.loads), False),
        (bash("echo", output_encoding="UTF-8"), True),
        (bash("echo", output_encoding="latin-1"), False),
        (bash("echo", on_failure_callback=print), False),
        (bash("echo", post_execute=print), False),
        (lambda: MyBash(task_id="t", bash_command="echo"), False),
    ],
)
def test_what_a_host_may_spawn_by_itself(make: Callable[[], object], is_shell: bool) -> None:
    made = spec_of_task(make, user_defined_macros={"mine": str}, user_defined_filters={"shout": str.upper})
    assert made.is_shell is is_shell


@pytest.mark.parametrize(
    "text",
    [
        "{{ ti.xcom_pull(task_ids='up') }}",
        '{{ ti.xcom_pull("up")["k"] }}',
        "{{ task_instance.xcom_pull(key='k', task_ids=['up', 'gone']) }}",
    ],
)
def test_xcoms_that_templates_name(text: str) -> None:
    assert spec_of_task(bash(text)).xcom_from == ("up",)


def test_sensors_and_branches_are_marked() -> None:
    sensor = spec_of_task(lambda: PythonSensor(task_id="t", python_callable=bool, mode="reschedule"))
    branch = spec_of_task(lambda: ShortCircuitOperator(task_id="t", python_callable=bool))
    assert (sensor.is_sensor, sensor.reschedule, branch.is_branch) == (True, True, True)


def test_mapping_is_recorded() -> None:
    with DAG("d") as dag:

        @task
        def source() -> list[int]:
            return []

        @task
        def work(x: int, y: int) -> None: ...

        work.expand(x=source(), y=[1, 2, 3])
    mapped = spec_of(dag).by_id["work"]
    assert mapped.mapped["args"]["x"] == {"kind": "xcom", "task_id": "source", "key": "return_value"}
    assert mapped.mapped["args"]["y"] == {"kind": "literal", "length": 3}
    assert mapped.upstream == ("source",)


def two_tasks(**kwargs: Any) -> DAG:
    with DAG("d", **kwargs) as dag:
        EmptyOperator(task_id="a") >> EmptyOperator(task_id="b")
    return dag


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"start_date": datetime(2024, 2, 1), "end_date": datetime(2024, 1, 1)}, "is after end_date"),
        ({"schedule": "@daily", "catchup": True}, "no start_date"),
        ({"schedule": "@daily", "misfire": "all"}, 'misfire="all" but no start_date'),
        ({"schedule": "@daily", "params": {"x": Param(type="string")}}, "'x' has no valid default: it is scheduled"),
        ({"params": {"x": Param("a", type="integer")}}, "'x' has no valid default: 'a' is not of type 'integer'"),
        ({"params": {"x": object()}}, "must be JSON"),
        ({"schedule": "every tuesday"}, "DAG 'd'"),
        ({"schedule": "@continuous", "max_active_runs": 2}, "max_active_runs=1 at most"),
        ({"schedule": 5}, "not supported"),
    ],
)
def test_contradictions_are_import_errors(kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(BadDag, match=message):
        spec_of(two_tasks(**kwargs))


def test_a_manual_dag_may_require_params() -> None:
    assert spec_of(two_tasks(params={"x": Param(type="string")})).params == {"x": {"type": "string"}}


def test_fail_fast_allows_only_all_success() -> None:
    with DAG("d", fail_fast=True) as dag:
        EmptyOperator(task_id="a", trigger_rule="all_done")
    with pytest.raises(BadDag, match="task 'a' must have the trigger rule all_success"):
        spec_of(dag)


def test_what_follows_a_setup_waits_for_its_success() -> None:
    with DAG("d") as dag:
        EmptyOperator(task_id="s").as_setup() >> EmptyOperator(task_id="a", trigger_rule="all_done")
    with pytest.raises(BadDag, match="'a' comes after the setup 's', so it must have the trigger rule all_success"):
        spec_of(dag)


def test_unknown_upstreams_are_named() -> None:
    dag = two_tasks()
    dag.get_task("b").upstream_task_ids.add("gone")
    with pytest.raises(BadDag, match="task 'b' of DAG 'd' depends on 'gone'"):
        spec_of(dag)


def test_too_many_tasks_are_refused() -> None:
    with pytest.raises(BadDag, match="has 2 tasks, over the limit of 1"):
        dag_to_spec(two_tasks(), "d.py", "tui_flow", max_tasks=1)


def test_a_cycle_is_named_along_its_path() -> None:
    with DAG("d") as dag:
        a, b, c, d = (EmptyOperator(task_id=name) for name in "abcd")
        a >> b >> c >> d
        c >> b
    with pytest.raises(DagCycle, match="'d' runs in a circle: b -> c -> b"):
        spec_of(dag)
    with DAG("d") as dag:
        alone = EmptyOperator(task_id="x")
        alone >> alone
    with pytest.raises(DagCycle, match="x -> x"):
        spec_of(dag)


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_cycles_are_found_exactly_where_there_are_some(pairs: list[tuple[int, int]]) -> None:
    with DAG("d") as dag:
        tasks = [EmptyOperator(task_id=f"t{number}") for number in range(8)]
        for before, after in pairs:
            tasks[before].set_downstream(tasks[after])
    reaches = any(task.task_id in task.get_flat_relative_ids() for task in tasks)
    path = find_cycle(dag.task_dict)
    assert bool(path) is reaches
    assert all(after in dag.get_task(before).downstream_task_ids for before, after in zip(path, path[1:], strict=False))
    assert not path or path[0] == path[-1]


def test_long_chains_need_no_recursion() -> None:
    with DAG("d") as dag:
        chain(*[EmptyOperator(task_id=f"t{number}") for number in range(3000)])
    assert len(spec_of(dag).tasks) == 3000
    assert isinstance(dag.get_task("t0"), BaseOperator)
