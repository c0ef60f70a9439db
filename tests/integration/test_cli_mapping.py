"""Mapped tasks on the command line: counted in one line, and each named by its index."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.integration.engine_kit import Engine
from tests.integration.mapping_kit import result, states
from tui_flow.cli.main import main
from tui_flow.state import RunState

DAGS = """
from tui_flow import DAG, task, task_group

with DAG("cli"):
    @task(map_index_template="item {{ task.op_kwargs['x'] }}")
    def m(x, ti=None):
        if x == 3 and ti.try_number == 1:
            raise ValueError("three")
        return x

    @task_group
    def g(n):
        @task
        def a(n):
            return n

        @task
        def b(n):
            return n

        b(a(n))

    @task(trigger_rule="all_done")
    def c(values):
        return list(values)

    c(m.expand(x=[1, 2, 3, 4]))
    g.expand(n=[1, 2])
"""
Output = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("cli_mapping")) as engine:
        engine.start()
        assert result(engine, "cli", DAGS) is RunState.SUCCESS
        yield engine


@pytest.fixture(autouse=True)
def environment(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in engine.environ.items():
        if os.environ.get(name) != value:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")


def out(capsys: Output, *words: str) -> str:
    """stdout, or what is said where there is none."""
    with suppress(SystemExit):
        main(list(words))
    found = capsys.readouterr()
    return found.out or found.err


def test_a_run_counts_the_instances_and_names_the_failed(capsys: Output) -> None:
    text = out(capsys, "runs", "show", "cli")
    assert "[4] 3 success, 1 failed" in text and "item 3" in text and "ValueError: three" in text
    assert "item 1" not in text
    rows = json.loads(out(capsys, "runs", "show", "cli", "--json"))["tasks"]
    assert [row["map_index"] for row in rows if row["task_id"] == "m"] == [0, 1, 2, 3]


def test_one_index_is_named_in_two_ways(capsys: Output) -> None:
    assert "ValueError: three" in out(capsys, "logs", "cli", "m[2]")
    assert out(capsys, "logs", "cli", "m", "--map-index", "2") == out(capsys, "logs", "cli", "m[2]")
    assert "three" in out(capsys, "why", "cli", "m[2]")
    assert "item 3" in out(capsys, "tasks", "show", "cli", "m[2]")
    assert "m[2] or with --map-index" in out(capsys, "logs", "cli", "m")
    assert "no map index 9; it has 0 to 3" in out(capsys, "logs", "cli", "m[9]")


def test_tasks_say_what_they_are_mapped_over(capsys: Output) -> None:
    rows = json.loads(out(capsys, "tasks", "list", "cli", "--json"))
    assert {row["task_id"]: row["mapped_over"] for row in rows} == {"m": "4", "c": None, "g.a": "2", "g.b": "2"}


def test_one_index_is_rendered(capsys: Output) -> None:
    found = json.loads(out(capsys, "tasks", "render", "cli", "m[1]", "--json"))
    assert found["fields"]["op_kwargs"] == {"x": 2}


def changed(text: str) -> list[str]:
    return sorted(
        task["task_id"] + (f"[{task['map_index']}]" if task["map_index"] >= 0 else "")
        for task in json.loads(text)["tasks"]
    )


def test_clear_and_mark_take_one_index_and_what_belongs_to_it(engine: Engine, capsys: Output) -> None:
    assert changed(out(capsys, "clear", "cli", "m[2]", "--dry-run", "--json")) == ["c", "m[2]"]
    assert changed(out(capsys, "clear", "cli", "g.a[1]", "--dry-run", "--json")) == ["g.a[1]", "g.b[1]"]
    assert len(changed(out(capsys, "clear", "cli", "g", "--dry-run", "--json"))) == 4
    assert "no task instance m[9]" in out(capsys, "clear", "cli", "m[9]", "-y")
    assert changed(out(capsys, "mark", "cli", "m[0]", "failed", "--dry-run", "--json")) == ["m[0]"]
    assert "has no attempt" in out(capsys, "kill", "cli", "m[1]", "-y")
    out(capsys, "clear", "cli", "m[2]", "-y")
    engine.until(lambda: states(engine, "cli")["m[2]"] == "success", "m[2] runs again")
    assert engine.wait_run("cli") is RunState.SUCCESS
