from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import pytest

from tests.unit.sdk.fakes import FakeBackend, run_all, run_task
from tui_flow import DAG, EmptyOperator, XComArg, task, task_group
from tui_flow.sdk.backend import backend_in_use
from tui_flow.sdk.exceptions import AirflowException, AirflowSkipException, XComNotFound


def test_calling_a_task_function_passes_results_on() -> None:
    with DAG("d") as dag:

        @task
        def numbers() -> list[int]:
            return [1, 2]

        @task
        def total(values: Any, start: int = 0) -> int:
            return int(sum(values)) + start

        total(numbers(), start=10)
    assert dag.get_task("total").upstream_task_ids == {"numbers"}
    assert run_all(dag) == {"numbers": [1, 2], "total": 13}


def test_parameters_named_like_context_keys_are_filled() -> None:
    with DAG("d") as dag:

        @task
        def show(ds: str, x: int, ti: Any = None, *, run_id: str) -> list[Any]:
            return [ds, x, ti.task_id, run_id[:6]]

        @task
        def everything(**context: Any) -> list[Any]:
            return [context["ds"], context["task"].task_id]

        show(x=1)
        everything()
    assert run_all(dag) == {"show": ["2024-06-15", 1, "show", "manual"], "everything": ["2024-06-15", "everything"]}


def previous_start(context: Mapping[str, Any]) -> Any:
    return context["prev_data_interval_start_success"]


def test_functions_of_all_the_context_get_the_lazy_values_that_their_code_names() -> None:
    with DAG("d") as dag:

        @task
        def direct(**context: Any) -> Any:
            return [context["prev_start_date_success"] for _ in "a"][0].year

        @task
        def by_another(**context: Any) -> int:
            return int(previous_start(context).year)

        @task
        def unnamed(**context: Any) -> list[Any]:
            return sorted(name for name in context if name.startswith("prev_") and "interval" not in name)

        @task
        def elsewhere(**context: Any) -> list[Any]:
            found = itemgetter("_".join(["prev", "start", "date", "success"]))(context)
            return [found.year, found > datetime(2022, 1, 1, tzinfo=UTC), isinstance(found, datetime), f"{found:%d}"]

        direct(), by_another(), unnamed(), elsewhere()
    backend = FakeBackend(previous={name: datetime(2023, 1, 1) for name in ("start_date", "data_interval_start")})
    with backend_in_use(backend):
        assert run_all(dag) == {
            "direct": 2023,
            "by_another": 2023,
            "unnamed": ["prev_end_date_success", "prev_start_date_success"],
            "elsewhere": [2023, True, True, "01"],
        }


def test_a_context_parameter_may_only_default_to_none() -> None:
    with DAG("d"):

        @task
        def show(ds: str = "today") -> None: ...

        with pytest.raises(ValueError, match="'ds' is filled from the context"):
            show()


def test_arguments_are_checked_when_the_dag_is_defined() -> None:
    with DAG("d"):

        @task
        def needs(x: int) -> None: ...

        with pytest.raises(TypeError, match="needs: missing a required argument: 'x'"):
            needs()
        with pytest.raises(TypeError, match="unexpected keyword argument 'y'"):
            needs(1, y=2)


def test_arguments_are_templates() -> None:
    with DAG("d") as dag:

        @task
        def show(a: str, b: Any) -> list[Any]:
            return [a, b]

        show("{{ ds }}", b={"k": ["{{ task.task_id }}"]})
    assert run_all(dag) == {"show": ["2024-06-15", {"k": ["show"]}]}


def test_repeated_calls_count_up() -> None:
    with DAG("d") as dag:

        @task
        def f(i: int) -> None: ...

        for i in range(3):
            f(i)
        f.override(task_id="other")(1)
        f.override(task_id="other")(1)
        f.override(task_id="f__1")(1)
    assert dag.task_ids == ["f", "f__1", "f__2", "other", "other__1", "f__3"]


def test_a_dict_annotation_gives_several_outputs() -> None:
    def plain() -> Any: ...
    def annotated() -> dict[str, int]:
        return {}

    def mapping() -> Mapping[str, int]:
        return {}

    def unknown() -> Nowhere: ...  # type: ignore[name-defined]  # noqa: F821

    with DAG("d") as dag:
        for function in (plain, annotated, mapping, unknown):
            task(function)()
        task(multiple_outputs=False)(annotated).override(task_id="off")()
    outputs = {task_id: dag.get_task(task_id).multiple_outputs for task_id in dag.task_ids}
    assert outputs == {"plain": False, "annotated": True, "mapping": True, "unknown": False, "off": False}


def test_async_functions_are_awaited() -> None:
    with DAG("d") as dag:

        @task
        async def seven() -> int:
            return 7

        seven()
    assert run_all(dag) == {"seven": 7}


def test_docstrings_document_the_task() -> None:
    with DAG("d") as dag:

        @task
        def f() -> None:
            """Does it."""

        f()
    assert dag.get_task("f").doc_md == "Does it."


def test_methods_cannot_be_tasks() -> None:
    with pytest.raises(TypeError, match="does not work on methods"):

        class Holder:
            @task
            def method(self) -> None: ...


def test_a_result_is_indexed_by_text_and_never_iterated() -> None:
    with DAG("d") as dag:
        result = XComArg(EmptyOperator(task_id="a"))
    assert str(result["k"]) == "{{ task_instance.xcom_pull(task_ids='a', dag_id='d', key='k') }}"
    with pytest.raises(ValueError, match="indexed with a string"):
        result[0]  # type: ignore[index]
    with pytest.raises(TypeError, match="cannot be iterated"):
        list(result)  # type: ignore[call-overload]
    assert dag.task_ids == ["a"]


def test_a_missing_result_is_none_and_a_missing_key_an_error() -> None:
    with DAG("d") as dag:
        source = EmptyOperator(task_id="source")

        @task
        def use(x: Any) -> Any:
            return [x]

        use(source.output)
        use(source.output["k"])
    assert run_task(dag.get_task("use")).result == [None]
    with pytest.raises(XComNotFound, match="'k' of task 'source'"):
        run_task(dag.get_task("use__1"))


def test_map_zip_and_concat_resolve() -> None:
    with DAG("d") as dag:

        @task
        def a() -> list[int]:
            return [1, 2, 3]

        @task
        def b() -> list[str]:
            return ["x", "y"]

        @task
        def show(v: Any) -> Any:
            return list(v)

        first, second = a(), b()
        show(first.map(lambda x: x + 1).map(str))
        show(first.zip(second))
        show(first.zip(second, fillvalue=None))
        show(first.concat(second))
    assert dag.get_task("show__1").upstream_task_ids == {"a", "b"}
    results = run_all(dag)
    assert results["show"] == ["2", "3", "4"]
    assert results["show__1"] == [(1, "x"), (2, "y")]
    assert results["show__2"] == [(1, "x"), (2, "y"), (3, None)]
    assert results["show__3"] == [1, 2, 3, "x", "y"]


def test_what_cannot_be_mapped_over_is_told_at_once() -> None:
    with DAG("d"):

        @task
        def numbers() -> list[int]:
            return [1]

        result: Any = numbers()
        with pytest.raises(TypeError, match=r"map\(\) takes a function, not 5"):
            result.map(5)
        with pytest.raises(TypeError, match=r"zip\(\) takes results of tasks, not \[1\]"):
            result.zip([1])
        with pytest.raises(TypeError, match=r"concat\(\) takes results of tasks, not 'ab'"):
            result.concat(result).concat("ab")


def test_run_if_and_skip_if_decide_before_the_task() -> None:
    with DAG("d", params={"x": 1}) as dag:

        @task.run_if(lambda context: context["params"]["x"] == 1)
        @task
        def runs() -> str:
            return "ran"

        @task.skip_if(lambda context: True, skip_message="not today")
        @task
        def skipped() -> None: ...

        @task.run_if(lambda context: (False, "because"))
        @task
        def not_run() -> None: ...

        for function in (runs, skipped, not_run):
            function()
    assert run_task(dag.get_task("runs")).result == "ran"
    with pytest.raises(AirflowSkipException, match="not today"):
        run_task(dag.get_task("skipped"))
    with pytest.raises(AirflowSkipException, match="because"):
        run_task(dag.get_task("not_run"))
    with pytest.raises(TypeError, match="above @task"):
        task.run_if(lambda context: True)(lambda: None)


def test_unknown_decorators_are_named_with_a_near_one() -> None:
    with pytest.raises(AttributeError, match=r"no @task\.brnch; did you mean 'branch'"):
        task.brnch  # noqa: B018


def test_task_groups_from_functions() -> None:
    with DAG("d") as dag:

        @task
        def one(x: int) -> int:
            return x

        @task_group(tooltip="several")
        def group(x: int) -> Any:
            return one(x)

        @task_group
        def silent() -> None:
            one(5)

        last = one(group(1))
        silent() >> last
        group(2)
    assert dag.task_ids == ["group.one", "one", "silent.one", "group__1.one"]
    assert dag.get_task("one").upstream_task_ids == {"group.one", "silent.one"}
    assert dag.task_group_dict["group"].tooltip == "several"


def test_mapped_functions_and_groups_are_recorded() -> None:
    with DAG("d") as dag:

        @task
        def source() -> list[int]:
            return [1]

        @task
        def add(x: int, y: int) -> int:
            return x + y

        @task_group
        def group(n: int) -> None:
            add(n, 1)

        add.partial(y=1).expand(x=source())
        add.expand_kwargs([{"x": 1, "y": 2}])
        group.expand(n=source())
        with pytest.raises(TypeError, match="y given to both"):
            add.partial(y=1).expand(x=[1], y=[2])
        with pytest.raises(TypeError, match="does not take; did you mean|does not take"):
            add.expand(z=[1])
    assert dag.get_task("add").upstream_task_ids == {"source"}
    assert dag.get_task("group.add").upstream_task_ids == {"source__1"}
    unmapped = dag.get_task("add").unmap({"x": 5})
    assert run_task(unmapped).result == 6


def test_callables_without_a_name_work() -> None:
    with DAG("d") as dag, pytest.raises((TypeError, AttributeError)):
        task("not a function")()  # type: ignore[call-overload]
    with DAG("d") as dag:
        task(task_id="p")(functools.partial(lambda a, b: a + b, 3))(4)
    assert run_all(dag) == {"p": 7}


def test_a_positional_argument_cannot_meet_a_context_key() -> None:
    with DAG("d") as dag:

        @task
        def f(ds: str) -> str:
            return ds

        f("mine")
    with pytest.raises(ValueError, match="'ds' of f is given twice"):
        run_task(dag.get_task("f"))


def test_groups_are_no_setup_tasks() -> None:
    from tui_flow import setup

    @task_group
    def group() -> None: ...

    with pytest.raises(AirflowException, match="cannot be marked as @setup"):
        setup(group)
