from __future__ import annotations

import warnings
from datetime import UTC, datetime
from typing import Any, NamedTuple

import jinja2
import pytest

from tests.airflow_dags import DATA, dags_of
from tests.unit.sdk.fakes import FakeBackend, context_for, run_task
from tui_flow import (
    DAG,
    BaseNotifier,
    BashOperator,
    CronDataIntervalTimetable,
    EmptyOperator,
    PythonOperator,
    literal,
)
from tui_flow.errors import NotPossible
from tui_flow.sdk import macros, templating
from tui_flow.sdk.backend import backend_in_use
from tui_flow.sdk.connection import Connection
from tui_flow.sdk.context import CONTEXT_KEYS
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.templater import Templater


def show(*args: Any, **kwargs: Any) -> Any:
    return args[0]


def rendered(value: Any, dag: DAG | None = None, **about: Any) -> Any:
    with dag or DAG("d"):
        task = PythonOperator(task_id="t", python_callable=show, op_args=[value])
    return run_task(task, **about).result


def dag_of(name: str) -> DAG:
    return dags_of(DATA / "oracle_dags.py")[name]


def test_an_undefined_name_fails_the_task_and_says_where() -> None:
    with pytest.raises(jinja2.UndefinedError, match="'not_defined_anywhere' is undefined") as caught:
        run_task(dag_of("o_template_undefined").get_task("t"))
    assert "template field 'bash_command' of 't'" in str(caught.value.__notes__)


class Pair(NamedTuple):
    a: Any
    b: Any


class Holder:
    template_fields = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text
        self.me = self


def test_rendering_goes_through_containers_and_objects() -> None:
    value = {"l": ["{{ ds }}"], "t": ("{{ ds }}",), "s": {"{{ ds }}"}, "n": Pair("{{ ds }}", 1), "o": 5, "u": None}
    ds = "2024-06-15"
    assert rendered(value) == {"l": [ds], "t": (ds,), "s": {ds}, "n": Pair(ds, 1), "o": 5, "u": None}
    holder = Holder("{{ ds }}")
    with DAG("d"):
        task = PythonOperator(task_id="t", python_callable=lambda h: h.text, op_args=[holder])
    assert run_task(task).result == ds


def test_literals_and_rendered_text_are_not_rendered_again() -> None:
    assert rendered(literal("{{ ds }}")) == "{{ ds }}"
    dag = DAG("d", params={"p": "{{ 7 * 7 }}"})
    assert rendered("{{ params.p }}", dag) == "{{ 7 * 7 }}"
    assert rendered("line\n") == rendered("{{ 'line' }}\n") == "line"


@pytest.mark.parametrize("attack", ["{{ ''.__class__ }}", "{{ ds.__class__.__mro__ }}", "{{ macros.__loader__ }}"])
def test_the_sandbox_hides_internals_but_not_single_underscores(attack: str) -> None:
    with pytest.raises((jinja2.exceptions.SecurityError, jinja2.UndefinedError)):
        rendered(attack)
    assert rendered("{{ task._dag.dag_id }}") == "d"


def test_the_do_extension_and_the_sh_filter() -> None:
    assert rendered("{% set l = [] %}{% do l.append(1) %}{{ l }}") == "[1]"
    dag = DAG("d", params={"x": "a'; rm -rf /; '"})
    assert rendered("echo {{ params.x | sh }}", dag) == "echo 'a'\"'\"'; rm -rf /; '\"'\"''"


def test_output_has_a_limit() -> None:
    with pytest.raises(AirflowException, match="over the limit"):
        rendered("{{ 'a' * 1048577 }}")


def test_template_files_are_found_by_their_ending() -> None:
    with DAG("d", jinja_environment_kwargs={"loader": jinja2.DictLoader({"go.sh": "echo {{ ds }}"})}) as dag:
        task = BashOperator(task_id="t", bash_command="go.sh")
        missing = BashOperator(task_id="m", bash_command="gone.sh")
        command = BashOperator(task_id="c", bash_command="./go.sh ")
    for each in (task, command):
        each.render_template_fields(context_for(each))
    assert task.bash_command == "echo 2024-06-15"
    assert command.bash_command == "./go.sh "
    with pytest.raises(AirflowException, match="template file 'gone.sh' not found"):
        missing.render_template_fields(context_for(missing))
    assert dag.get_template_env() is dag.get_template_env()


def test_resolve_template_files_puts_the_text_in() -> None:
    with DAG("d", jinja_environment_kwargs={"loader": jinja2.DictLoader({"go.sh": "echo {{ ds }}"})}):
        task = BashOperator(task_id="t", bash_command="go.sh")
    task.resolve_template_files()
    assert task.bash_command == "echo {{ ds }}"


def test_compiled_templates_are_kept() -> None:
    environment = templating.create_environment()
    assert templating.compiled(environment, "{{ x }}") is templating.compiled(environment, "{{ x }}")


def test_a_missing_template_field_is_named() -> None:
    class Bad(EmptyOperator):
        template_fields = ("nothing",)

    with DAG("d"):
        task = Bad(task_id="t")
    with pytest.raises(AttributeError, match="'nothing' is a template field of Bad"):
        run_task(task)


def test_names_of_airflow_2_are_there_for_its_files_only() -> None:
    text = "{{ execution_date }} {{ prev_ds }} {{ next_ds_nodash }} {{ yesterday_ds }} {{ tomorrow_ds_nodash }}"
    dates: dict[str, Any] = {"data_interval_end": "2024-06-16T10:30:00+00:00", "run_type": "manual"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answer = rendered(text, dialect="airflow2", **dates)
    assert answer == "2024-06-15 10:30:00+00:00 2024-06-15 20240615 2024-06-14 20240616"
    with pytest.raises(jinja2.UndefinedError, match="execution_date"):
        rendered(text, dialect="airflow3")


@pytest.mark.parametrize(
    ("schedule", "at", "run_type", "before", "after"),
    [
        ("0 0 1 * *", "2024-03-01", "scheduled", "2024-02-01", "20240401"),
        ("0 0 * * 1-5", "2024-06-14", "scheduled", "2024-06-13", "20240617"),
        ("0 0 * * 1-5", "2024-06-14", "backfill", "2024-06-13", "20240617"),
        ("0 0 1 * *", "2024-03-09", "manual", "2024-03-09", "20240309"),
        ("0 0 1 * *", "2024-03-09", "operator_triggered", "2024-03-09", "20240309"),
    ],
)
def test_dates_beside_the_runs_stand_on_the_schedule(
    schedule: str, at: str, run_type: str, before: str, after: str
) -> None:
    with DAG("d") as dag:
        task = EmptyOperator(task_id="t", doc_md="")
    with pytest.raises(NotPossible, match="inside a task"):
        dag.following_schedule(datetime(2024, 3, 9))
    dag.timetable = CronDataIntervalTimetable(schedule, "UTC")
    context = context_for(task, dialect="airflow2", logical_date=f"{at}T00:00:00+00:00", run_type=run_type)
    assert [context["prev_ds"], context["next_ds_nodash"]] == [before, after]
    assert context["next_execution_date"].format("YYYYMMDD") == after
    if run_type == "scheduled":
        assert dag.previous_schedule(context["execution_date"]) == context["prev_execution_date"]
        assert dag.following_schedule(context["execution_date"]) == context["next_execution_date"]


NAMES = """conn dag dag_run data_interval_end data_interval_start ds ds_nodash expanded_ti_count inlet_events inlets
    logical_date macros map_index_template outlet_events outlets params partition_date partition_key
    prev_data_interval_end_success prev_data_interval_start_success prev_end_date_success prev_start_date_success run_id
    task task_instance task_instance_key_str task_reschedule_count templates_dict test_mode ti triggering_asset_events
    try_number ts ts_nodash ts_nodash_with_tz
    task_state_store var"""
NAMES_OF_AIRFLOW_2 = """conf execution_date next_ds next_ds_nodash next_execution_date prev_ds prev_ds_nodash
    prev_execution_date prev_execution_date_success tomorrow_ds tomorrow_ds_nodash triggering_dataset_events
    yesterday_ds yesterday_ds_nodash"""


def test_every_name_of_the_context_is_there() -> None:
    with DAG("d"):
        task = EmptyOperator(task_id="t")
    context, old = context_for(task), context_for(task, dialect="airflow2")
    assert [name for name in NAMES.split() if name not in context] == []
    assert [name for name in (NAMES + " " + NAMES_OF_AIRFLOW_2).split() if name not in old] == []
    assert [name for name in NAMES_OF_AIRFLOW_2.split() if name in context] == []
    assert set((NAMES + " " + NAMES_OF_AIRFLOW_2).split()) <= CONTEXT_KEYS
    assert old["conf"].get("core", "no_such_setting", fallback="default") == "default"


def test_dates_of_the_previous_success_are_asked_for_only_when_named() -> None:
    backend = FakeBackend(previous={"data_interval_start": datetime(2024, 6, 14, tzinfo=UTC)})
    with backend_in_use(backend):
        assert rendered("{{ prev_data_interval_start_success | ds }} {{ prev_end_date_success }}") == "2024-06-14 None"
    assert rendered("{{ ds }}") == "2024-06-15"


def test_dates_are_pendulum() -> None:
    import pendulum

    context = context_for(dag_of("o_templates").get_task("t"))
    assert isinstance(context["logical_date"], pendulum.DateTime)
    assert context["logical_date"].add(days=1).to_date_string() == "2024-06-16"
    assert context["dag_run"].execution_date == context["logical_date"]
    assert context["dag_run"].external_trigger


def test_random_is_the_function_as_in_airflow() -> None:
    assert rendered("{{ 0 <= macros.random() < 1 }}") == "True"


def test_macros_hold_handy_modules() -> None:
    text = "{{ macros.dateutil.parser.parse('2024-01-02').day }} {{ macros.timedelta(days=1) }}"
    assert rendered(text) == "2 1 day, 0:00:00"
    assert macros.datetime_diff_for_humans(datetime(2024, 1, 2), datetime(2024, 1, 1)) == "1 day after"


def test_notifiers_render_their_fields() -> None:
    said: list[str] = []

    class Say(BaseNotifier):
        template_fields = ("text",)

        def __init__(self, text: str) -> None:
            self.text = text

        def notify(self, context: Any) -> None:
            said.append(self.text)

    with DAG("d"):
        task = EmptyOperator(task_id="t", on_failure_callback=Say("{{ task.task_id }} on {{ ds }}"))
    for _ in range(2):
        task.on_failure_callback[0](context_for(task, logical_date=f"2024-06-1{len(said)}T00:00:00+00:00"))
    assert said == ["t on 2024-06-10", "t on 2024-06-11"]


def test_connections_in_templates() -> None:
    with backend_in_use(FakeBackend(connections={"c": {"conn_type": "http", "host": "h"}})):
        assert rendered("{{ conn.c.host }} {{ conn.get('missing', 'none') }}") == "h none"
    assert isinstance(Connection(uri="http://h"), Connection)
    assert isinstance(EmptyOperator(task_id="x"), Templater)
