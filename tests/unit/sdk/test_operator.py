from __future__ import annotations

import copy
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.sdk.fakes import run_task
from tui_flow import DAG, BaseOperator, BashOperator, EmptyOperator, PythonOperator, TaskGroup, TriggerRule, XComArg
from tui_flow.sdk.defaults import apply_defaults
from tui_flow.sdk.exceptions import AirflowException, TaskDeferred
from tui_flow.sdk.xcom_arg import NOTSET


class Greet(BaseOperator):
    template_fields: Collection[str] = ("name",)

    def __init__(self, name: str = "nobody", *, loud: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name, self.loud = name, loud

    def execute(self, context: Any) -> str:
        return f"hello {self.name}" + "!" * self.loud


class GreetTwice(Greet):
    @apply_defaults
    def __init__(self, times: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.times = times


def test_default_args_reach_every_init_of_a_users_class() -> None:
    with DAG("d", default_args={"name": "Ann", "loud": True, "times": 2, "retries": 3, "not_an_argument": 1}):
        task = GreetTwice(task_id="a")
    assert (task.name, task.loud, task.times, task.retries) == ("Ann", True, 2, 3)


def test_given_arguments_win_over_the_groups_over_the_dags() -> None:
    with DAG("d", default_args={"owner": "dag", "retries": 1, "pool": "p"}):
        with (
            TaskGroup("outer", default_args={"owner": "outer", "retries": 2}),
            TaskGroup("g", default_args={"retries": 3}),
        ):
            inner = Greet(task_id="a", default_args={"pool": "own"})
            given = Greet(task_id="b", retries=0)
        outside = Greet(task_id="c")
    assert (inner.owner, inner.retries, inner.pool) == ("outer", 3, "own")
    assert given.retries == 0
    assert (outside.owner, outside.retries) == ("dag", 1)


def test_params_of_dag_default_args_and_task_are_merged() -> None:
    with DAG("d", params={"a": 1, "b": 1}, default_args={"params": {"b": 2, "c": 2}}):
        task = Greet(task_id="t", params={"c": 3})
    assert task.params.dump() == {"a": 1, "b": 2, "c": 3}


def test_unknown_arguments_are_named_with_a_near_one() -> None:
    with DAG("d"), pytest.raises(TypeError, match=r"Greet \(task 'a'\).*'retires'; did you mean 'retries'"):
        Greet(task_id="a", retires=3)


def test_positional_arguments_are_refused() -> None:
    with DAG("d"), pytest.raises(TypeError, match="keyword arguments only"):
        Greet("Ann", task_id="a")


def test_missing_arguments_are_named() -> None:
    with DAG("d"):
        with pytest.raises(TypeError, match="GreetTwice is missing the argument times"):
            GreetTwice(task_id="a")
        with pytest.raises(TypeError, match="task_id"):
            EmptyOperator()


def test_results_in_template_fields_become_dependencies() -> None:
    with DAG("d"):
        source = PythonOperator(task_id="source", python_callable=lambda: 1)
        nested = PythonOperator(task_id="n", python_callable=print, op_kwargs={"x": [{"y": (source.output["key"],)}]})
        plain = Greet(task_id="plain", name=source.output)  # type: ignore[arg-type]
        late = Greet(task_id="late")
        late.name = XComArg(plain)  # type: ignore[assignment]
    assert nested.upstream_task_ids == plain.upstream_task_ids == {"source"}
    assert late.upstream_task_ids == {"plain"}


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("execution_timeout", 60, "must be a timedelta"),
        ("retry_delay", "5m", "retry_delay must be"),
        ("retries", -1, "0 or more"),
        ("retries", "many", "whole number"),
        ("pool_slots", 0, "pool_slots"),
        ("trigger_rule", "all_succes", "did you mean 'all_success'"),
        ("weight_rule", "heavy", "weight_rule"),
        ("priority_weight", "high", "priority_weight"),
        ("on_failure_callback", "notify", "must be a function, a notifier or a list of them, not 'notify'"),
        ("start_date", "2024-01-01", "must be datetime objects"),
    ],
)
def test_arguments_of_the_wrong_kind_are_refused(argument: str, value: Any, message: str) -> None:
    with DAG("d"), pytest.raises((TypeError, ValueError, AirflowException), match=message):
        EmptyOperator(task_id="a", **{argument: value})


def test_arguments_take_one_form() -> None:
    with DAG("d"):
        task = EmptyOperator(
            task_id="a",
            retry_delay=30,
            retry_exponential_backoff=True,
            retries="2",
            wait_for_downstream=True,
            trigger_rule="none_failed_or_skipped",
            on_failure_callback=print,
            task_concurrency=2,
        )
    assert task.retry_delay == timedelta(seconds=30)
    assert (task.retry_exponential_backoff, task.retries, task.max_active_tis_per_dag) == (2.0, 2, 2)
    assert task.depends_on_past
    assert task.trigger_rule is TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS
    assert task.on_failure_callback == [print]


def test_hooks_run_around_execute() -> None:
    seen: list[Any] = []
    with DAG("d"):
        task = PythonOperator(
            task_id="a",
            python_callable=lambda: seen.append("execute") or 5,  # type: ignore[func-returns-value]
            pre_execute=lambda context: seen.append("pre"),
            post_execute=lambda context, result: seen.append(result),
        )
    run_task(task)
    assert seen == ["pre", "execute", 5]


def test_a_hook_after_execute_may_take_the_context_alone() -> None:
    seen: list[Any] = []

    class Hooked(BaseOperator):
        def execute(self, context: Any) -> Any:
            return 5

        def post_execute(self, ctx: Any) -> None:  # type: ignore[override]
            seen.append(ctx["ti"].task_id)

    with DAG("d"):
        hooked = Hooked(task_id="a")
        plain = PythonOperator(task_id="b", python_callable=int, post_execute=lambda context: seen.append("hook"))
    run_task(hooked)
    run_task(plain)
    assert seen == ["a", "hook"]


def test_executing_leaves_the_definition_as_it_was() -> None:
    with DAG("d"):
        task = Greet(task_id="a", name="{{ task.task_id }}")
    assert run_task(task).result == "hello a"
    assert task.name == "{{ task.task_id }}"


def test_defer_says_what_to_wait_for() -> None:
    with DAG("d"):
        task = EmptyOperator(task_id="a")
    with pytest.raises(TaskDeferred) as caught:
        task.defer(trigger="trigger", method_name="resume", timeout=5)
    assert (caught.value.method_name, caught.value.timeout) == ("resume", timedelta(seconds=5))


def test_a_mapped_operator_is_recorded_and_can_be_unmapped() -> None:
    with DAG("d", default_args={"retries": 2}):
        source = PythonOperator(task_id="source", python_callable=list)
        mapped = BashOperator.partial(task_id="m", env={"A": "1"}).expand(bash_command=source.output)
    assert mapped.upstream_task_ids == {"source"}
    assert (mapped.retries, mapped.task_type) == (2, "BashOperator")
    one = mapped.unmap({"bash_command": "echo 1"})
    assert isinstance(one, BashOperator)
    assert (one.task_id, one.bash_command, one.env, one.retries) == ("m", "echo 1", {"A": "1"}, 2)
    with pytest.raises(AirflowException, match="dynamic task mapping"):
        run_task(mapped)


@pytest.mark.parametrize("value", [1, "abc", None])
def test_only_lists_dicts_and_results_can_be_expanded_over(value: Any) -> None:
    with DAG("d"), pytest.raises(ValueError, match="expand"):
        BashOperator.partial(task_id="m").expand(bash_command=value)


def test_arguments_of_airflow_1_are_understood() -> None:
    made = BashOperator(task_id="a", bash_command="true", xcom_push=False, task_concurrency=2)
    assert made.do_xcom_push is False and made.max_active_tis_per_dag == 2
    assert PythonOperator(task_id="b", python_callable=print, provide_context=True).do_xcom_push


def test_a_task_keeps_only_what_its_class_does_not_say() -> None:
    class Mailing(EmptyOperator):
        email: Any = "all@example.com"
        attempts = 3

        def __init__(self, attempts: int = 3, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.attempts = attempts

    task = Mailing(task_id="a", retries=2)
    assert (task.email, task.retries, task.attempts) == (None, 2, 3), "arguments win over attributes of the class"
    assert {"email", "retries"} <= vars(task).keys() and not {"attempts", "pool", "owner"} & vars(task).keys()
    task.attempts, task.retries = 5, 0
    assert (task.attempts, task.retries) == (5, 0)
    task.attempts = 3
    assert task.attempts == 3 and copy.deepcopy(task).retries == 0 and Mailing(task_id="b").attempts == 3


def test_an_attribute_that_is_not_set_is_kept_as_such() -> None:
    class Waiting(EmptyOperator):
        def __init__(self, timeout_s: Any = NOTSET, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.timeout_s = timeout_s

    assert Waiting(task_id="a").timeout_s is NOTSET and Waiting(task_id="b", timeout_s=1).timeout_s == 1
