"""What tests of dynamic task mapping ask of a home: task instances and results by name and map index."""

from __future__ import annotations

from typing import Any

from tests.integration.engine_kit import Engine
from tui_flow.records import TaskInstance
from tui_flow.runtime.xcoms import XComFiles
from tui_flow.state import RunState


def result(engine: Engine, name: str, text: str, **args: object) -> RunState:
    """The state that a run of this DAG ends in."""
    engine.dag_file(f"{name}.py", text)
    run_id = engine.trigger(name, **args)
    return engine.wait_run(name, run_id)


def named(ti: TaskInstance) -> str:
    return ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"


def instances(engine: Engine, dag_id: str) -> dict[str, TaskInstance]:
    """Of the newest run, by `task` or `task[index]`."""
    run = engine.run(dag_id)
    return {named(ti): ti for ti in engine.reads(lambda reader: reader.task_instances(run.id)) or []}


def states(engine: Engine, dag_id: str) -> dict[str, str]:
    return {name: str(ti.state) for name, ti in instances(engine, dag_id).items()}


def results(engine: Engine, dag_id: str) -> dict[str, Any]:
    """What tasks returned in the newest run."""
    run = engine.run(dag_id)
    files = XComFiles(engine.home.spill, 0, 0)
    rows = engine.reads(lambda reader: reader.xcoms(run.id)) or []
    return {
        row.task_id if row.map_index < 0 else f"{row.task_id}[{row.map_index}]": files.decode(row.value)
        for row in rows
        if row.key == "return_value"
    }
