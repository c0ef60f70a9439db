from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest

from tests.unit.sdk.fakes import run_all
from tui_flow import DAG, BaseOperator, BashOperator, EmptyOperator, Param, TaskGroup, chain, dag, task
from tui_flow.errors import BadDag, BadId, NotPossible
from tui_flow.sdk.current import DagContext, TaskGroupContext
from tui_flow.sdk.exceptions import AirflowException, DuplicateTaskIdFound, TaskNotFound


def test_tasks_made_in_a_with_block_belong_to_the_dag() -> None:
    with DAG("d") as made:
        task_a = EmptyOperator(task_id="a")
        EmptyOperator(task_id="b")
    assert made.task_ids == ["a", "b"]
    assert made.get_task("a") is task_a
    assert task_a.dag is made


def test_dags_of_with_blocks_and_decorators_are_registered_in_order() -> None:
    DagContext.take_registered()
    with DAG("first"):
        pass
    DAG("loose")
    with DAG("hidden", auto_register=False):
        pass

    @dag
    def second() -> None: ...

    second()
    assert [made.dag_id for made in DagContext.take_registered()] == ["first", "second"]
    assert DagContext.take_registered() == []


def test_a_second_task_of_the_same_id_is_refused_where_it_is_defined() -> None:
    with DAG("d"):
        EmptyOperator(task_id="a")
        with pytest.raises(DuplicateTaskIdFound, match="'d' already has a task 'a'"):
            EmptyOperator(task_id="a")


@pytest.mark.parametrize(
    "bad", ["", "a/b", "..", "a..b", ".hidden", "-x", "a b", "a\nb", "[red]", "ü", "x" * 251, 5, None]
)
def test_ids_that_could_not_be_file_names_are_refused_with_the_rule(bad: object) -> None:
    with pytest.raises(BadId, match="id"):
        DAG(bad)  # type: ignore[arg-type]
    with DAG("d"), pytest.raises(BadId, match="task"):
        EmptyOperator(task_id=bad)


def test_the_rule_counts_the_group_prefix() -> None:
    with DAG("d"), TaskGroup("g" * 200):
        EmptyOperator(task_id="a" * 49)
        with pytest.raises(BadId, match="1 to 250"):
            EmptyOperator(task_id="b" * 50)


def test_unknown_tasks_are_named_with_a_near_one() -> None:
    with DAG("d") as made:
        EmptyOperator(task_id="extract")
    with pytest.raises(TaskNotFound, match="did you mean 'extract'"):
        made.get_task("extrct")


def test_the_zone_is_that_of_the_start_date() -> None:
    zurich = ZoneInfo("Europe/Zurich")
    assert DAG("d", start_date=datetime(2024, 1, 1, tzinfo=zurich)).zone is zurich
    naive = DAG("d", start_date=datetime(2024, 1, 1))
    assert naive.start_date == datetime(2024, 1, 1, tzinfo=UTC)


def test_dates_may_come_from_default_args() -> None:
    made = DAG("d", default_args={"start_date": datetime(2024, 1, 1)})
    assert made.start_date == datetime(2024, 1, 1, tzinfo=UTC)


def test_arguments_of_airflow_2_are_understood() -> None:
    made = DAG(
        "d",
        schedule_interval="@daily",
        concurrency=3,
        fail_stop=True,
        default_view="graph",
        orientation="LR",
        sla_miss_callback=print,
        dagrun_timeout=timedelta(hours=1),
    )
    assert (made.schedule, made.max_active_tasks, made.fail_fast) == ("@daily", 3, True)
    assert made.ignored == ("sla_miss_callback", "default_view", "orientation")


def test_two_schedules_are_one_too_many() -> None:
    with pytest.raises(ValueError, match="schedule, schedule_interval"):
        DAG("d", schedule=None, schedule_interval="@daily")


def test_tags_as_text_are_refused() -> None:
    with pytest.raises(BadDag, match=r"tags=\['etl'\]"):
        DAG("d", tags="etl")


def test_arguments_of_a_dag_function_become_params() -> None:
    @dag(schedule=None, params={"z": Param(1, type="integer")})
    def etl(source: str, limit: int = 10) -> None:
        """Copies things."""

        @task
        def show(a: object, b: object) -> list[object]:
            return [a, b]

        show(source, limit)

    made = etl("here")
    assert made.dag_id == "etl"
    assert made.doc_md == "Copies things."
    assert made.params.dump() == {"z": 1, "source": "here", "limit": 10}
    assert run_all(made) == {"show": ["here", 10]}
    assert run_all(made, conf={"limit": 3}) == {"show": ["here", 3]}


def test_a_subset_has_only_the_wanted_tasks_and_leaves_the_dag_alone() -> None:
    with DAG("d") as made:
        chain(*[EmptyOperator(task_id=name) for name in "abcd"])
    subset = made.partial_subset(["b"], include_upstream=True)
    assert subset.task_ids == ["a", "b"]
    assert subset.get_task("b").downstream_task_ids == set()
    assert made.task_ids == ["a", "b", "c", "d"]
    assert made.get_task("b").downstream_task_ids == {"c"}


def test_tasks_of_two_dags_cannot_depend_on_each_other() -> None:
    with DAG("one"):
        first = EmptyOperator(task_id="a")
    with DAG("two"):
        second = EmptyOperator(task_id="b")
    with pytest.raises(AirflowException, match=r"different DAGs \['one', 'two'\]"):
        first >> second


def test_a_task_without_a_dag_joins_that_of_its_neighbour() -> None:
    loose = EmptyOperator(task_id="loose")
    with DAG("d") as made:
        inside = EmptyOperator(task_id="inside")
    inside >> loose
    assert made.task_ids == ["inside", "loose"]
    with pytest.raises(AirflowException, match="no DAG"):
        EmptyOperator(task_id="x") >> EmptyOperator(task_id="y")


def test_dag_task_decorates_into_that_dag() -> None:
    made = DAG("d")

    @made.task
    def one() -> int:
        return 1

    one()
    assert isinstance(made.get_task("one"), BaseOperator)


def test_allowed_run_types_are_types_of_runs() -> None:
    assert DAG("d", allowed_run_types=["scheduled", "manual"]).allowed_run_types == ("manual", "scheduled")
    with pytest.raises(BadDag, match="allowed_run_types has 'manuel'.*did you mean 'manual'"):
        DAG("d", allowed_run_types="manuel")


def test_what_becomes_of_late_slots_and_of_overlaps() -> None:
    assert (DAG("d").misfire, DAG("d").overlap, DAG("d").catchup) == ("latest", "queue", None)
    assert DAG("d", misfire="all").catchup is True
    with pytest.raises(BadDag, match="misfire must be latest, all or skip, not 'skp'.*did you mean 'skip'"):
        DAG("d", misfire="skp")
    with pytest.raises(BadDag, match="overlap must be queue, skip or cancel_old, not 'wait'"):
        DAG("d", overlap="wait")


def test_default_args_that_are_no_dict_are_refused() -> None:
    with pytest.raises(BadDag, match="DAG 'd': default_args must be a dict, not 5"):
        DAG("d", default_args=5)  # type: ignore[arg-type]


def test_a_dag_answers_to_the_names_of_airflow_2_and_3() -> None:
    with DAG("team.etl", schedule="0 1 * * *", max_active_tasks=3, on_failure_callback=print, fail_fast=True) as dag:
        last = EmptyOperator(task_id="last", owner="eve")
        made = EmptyOperator(task_id="made").as_setup()
        gone = EmptyOperator(task_id="gone").as_teardown(setups=made)
        made >> last >> gone
    assert (dag.safe_dag_id, dag.schedule_interval, dag.concurrency, dag.fail_stop) == (
        "team__dot__etl",
        "0 1 * * *",
        3,
        True,
    )
    assert dag.owner == "airflow, eve"
    assert (dag.has_on_failure_callback, dag.has_on_success_callback) == (True, False)
    assert dag.relative_fileloc == "test_dag.py" and dag.filepath == __file__
    assert [task.task_id for task in dag.topological_sort()] == ["made", "last", "gone"]
    assert (dag.teardowns, dag.tasks_upstream_of_teardowns) == ([gone], [last, made])
    with pytest.raises(NotPossible, match="whether DAG 'team.etl' is paused can only be had inside a running task"):
        dag.get_is_paused()


def test_an_operator_answers_to_the_names_of_airflow_2_and_3() -> None:
    with DAG("d"), TaskGroup("plain"):
        task = EmptyOperator(task_id="t", task_concurrency=2, on_retry_callback=print)
        mapped = BashOperator.partial(task_id="m").expand(bash_command=["a"])
    assert (task.task_concurrency, task.is_mapped, task.operator_class) == (2, False, EmptyOperator)
    assert (mapped.is_mapped, mapped.operator_class) == (True, BashOperator)
    assert (task.has_on_retry_callback, task.has_on_failure_callback, task.has_retry_policy) == (True, False, False)
    assert task.prepare_for_execution() is not task and task.get_closest_mapped_task_group() is None


def test_operators_of_airflow_2_push_and_pull_by_themselves() -> None:
    class Old(BaseOperator):
        def execute(self, context: Any) -> Any:
            self.xcom_push(context, "k", 1)
            return self.xcom_pull(context, task_ids="old", key="k")

    with DAG("d") as dag:
        Old(task_id="old")
    assert run_all(dag) == {"old": 1}


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        (ZoneInfo("Europe/Zurich"), "Europe/Zurich"),
        (UTC, "UTC"),
        (timezone(timedelta(hours=-2, minutes=-30)), "-02:30"),
        (pendulum.timezone("Asia/Tokyo"), "Asia/Tokyo"),
    ],
)
def test_the_zone_that_authors_see_is_pendulums(zone: tzinfo, name: str) -> None:
    dag = DAG("d", start_date=datetime(2024, 1, 1, tzinfo=zone))
    assert dag.timezone.name == name
    at = pendulum.datetime(2024, 6, 1).in_timezone(dag.timezone)
    assert at.utcoffset() == datetime(2024, 6, 1, tzinfo=zone).utcoffset()


def test_the_open_dag_and_group_are_known() -> None:
    with DAG("d") as dag:
        with TaskGroup("g") as group:
            assert TaskGroupContext.get_current_task_group(dag) is group
        assert DagContext.get_current_dag() is dag
    DagContext.push_context_managed_dag(dag)
    assert EmptyOperator(task_id="a").dag is dag
    assert DagContext.pop_context_managed_dag() is dag and DagContext.get_current_dag() is None
