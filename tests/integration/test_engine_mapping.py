"""Mapped tasks run end to end: what each task instance gets, gives and is called."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.engine_kit import Engine
from tests.integration.mapping_kit import instances, result, results, states
from tui_flow.state import RunState

HEAD = """
from tui_flow import DAG, task, task_group, BashOperator, EmptyOperator, PythonOperator, AirflowSkipException
from tui_flow import get_current_context

"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("mapping"), TUIFLOW_CORE_MAX_MAP_LENGTH=2000) as engine:
        yield engine.start()


GROUPS = (
    HEAD
    + """
with DAG("groups"):
    @task
    def source():
        return {"a": 1, "b": 2, "c": 3}

    @task
    def total(values):
        return sorted(values)

    @task_group
    def g(pair, factor):
        @task
        def scale(pair, ti=None):
            if pair[0] == "b":
                raise AirflowSkipException
            return pair[1] * factor

        @task
        def more(value, by):
            return value * by

        @task
        def whole(values):
            return list(values)

        value = scale(pair)
        BashOperator(task_id="shell", bash_command="echo {{ ti.map_index }} of {{ expanded_ti_count }}")
        return whole(more.partial(value=value).expand(by=[1, 10]))

    total(g.partial(factor=2).expand(pair=source()))
"""
)


def test_mapped_groups_with_mapped_tasks(engine: Engine) -> None:
    assert result(engine, "groups", GROUPS) is RunState.SUCCESS
    found = results(engine, "groups")
    assert [found[f"g.shell[{index}]"] for index in range(3)] == ["0 of 3", "1 of 3", "2 of 3"]
    assert (found["g.whole[0]"], found["g.whole[2]"]) == ([2, 20], [6, 60])
    assert states(engine, "groups") | {
        "g.scale[1]": "skipped",
        "g.more[2]": "skipped",
        "g.more[3]": "skipped",
        "g.whole[1]": "skipped",
        "total": "skipped",
    } == states(engine, "groups")


NESTED = (
    HEAD
    + """
with DAG("nested"):
    @task_group
    def outer(x):
        @task_group
        def inner(y):
            @task
            def pair(x, y):
                return f"{x}{y}"
            return pair(x, y)
        return inner.expand(y=["p", "q"])

    @task
    def gather(values):
        return list(values)

    gather(outer.expand(x=[1, 2, 3]))
"""
)


def test_nested_groups_multiply(engine: Engine) -> None:
    assert result(engine, "nested", NESTED) is RunState.SUCCESS
    assert results(engine, "nested")["gather"] == ["1p", "1q", "2p", "2q", "3p", "3q"]


KINDS = (
    HEAD
    + """
with DAG("kinds"):
    @task
    def numbers():
        return [1, 2, 3]

    @task
    def square(n, ti=None):
        return n * n

    @task
    def configs():
        return [{"n": 5, "extra": "{{ ds }}"}, {"n": 6, "extra": "b"}]

    @task(map_index_template="n is {{ task.op_kwargs['n'] }}")
    def take(n, extra):
        return [n, extra]

    @task.bash
    def shell(word):
        return f"echo {word}"

    @task.sensor(poke_interval=0.1, timeout=30)
    def wait(n):
        return n > 0

    @task.short_circuit
    def only(n):
        return n == 2

    @task
    def lazy(values):
        return [len(values), values[-1], values[0:2], [*values], type(values).__name__]

    squares = square.expand(n=numbers())
    lazy(square.override(task_id="again").expand(n=squares))
    take.expand_kwargs(configs())
    shell.expand(word=["x", "{{ ds_nodash[:4] }}"])
    wait.expand(n=[1, 2])
    only.expand(n=[1, 2]) >> EmptyOperator(task_id="goes_on")
    PythonOperator.partial(task_id="kwargs", python_callable=lambda a, b=0: a + b).expand(
        op_kwargs=[{"a": 1}, {"a": 2, "b": 3}]
    )
    BashOperator.partial(task_id="echo", map_index_template="{{ task.bash_command }}").expand(
        bash_command=["echo {{ ds_nodash[:2] }}", "echo two; false"]
    )
"""
)


def test_every_kind_of_task_is_mapped(engine: Engine) -> None:
    assert result(engine, "kinds", KINDS) is RunState.FAILED
    found, tis = results(engine, "kinds"), instances(engine, "kinds")
    assert [found[f"square[{index}]"] for index in range(3)] == [1, 4, 9]
    assert found["lazy"] == [3, 81, [1, 16], [1, 16, 81], "LazyXComs"]
    assert found["take[0]"] == [5, "{{ ds }}"], "a result is no template"
    assert tis["take[1]"].rendered_map_index == "n is 6"
    assert found["shell[0]"] == "x" and found["shell[1]"].startswith("20")
    assert [str(tis[f"wait[{index}]"].state) for index in range(2)] == ["success", "success"]
    assert str(tis["goes_on"].state) == "success", "one of the short circuits did not skip it"
    assert (found["kwargs[0]"], found["kwargs[1]"]) == (1, 5)
    assert (str(tis["echo[1]"].state), tis["echo[1]"].rendered_map_index) == ("failed", "echo two; false")
    assert found["echo[0]"] == "20"


MANY = (
    HEAD
    + """
with DAG("many", max_active_tasks=8):
    @task
    def source():
        return [{"n": n, "pad": "x" * 20} for n in range(300)]

    @task
    def take(item):
        return item["n"]

    @task
    def total(values):
        return sum(values)

    total(take.expand(item=source()))

with DAG("too_many"):
    @task
    def source():
        return list(range(2001))

    @task
    def take(item):
        return item

    take.expand(item=source())
"""
)


def test_many_instances_read_one_shared_file(engine: Engine) -> None:
    assert result(engine, "many", MANY) is RunState.SUCCESS
    assert results(engine, "many")["total"] == sum(range(300))
    stored = engine.sql("SELECT length(value) FROM xcom WHERE task_id = 'source'")
    assert max(length for (length,) in stored) < 200


def test_more_than_the_setting_allows_fails_the_task_that_pushes(engine: Engine) -> None:
    engine.dag_file("many.py", MANY)
    run_id = engine.trigger("too_many")
    assert engine.wait_run("too_many", run_id) is RunState.FAILED
    tis = instances(engine, "too_many")
    assert (str(tis["source"].state), str(tis["take"].state)) == ("failed", "upstream_failed")
    assert "max_map_length" in (tis["source"].reason or "")
