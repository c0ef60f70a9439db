"""From the names that people type to records. Raises NotFound with a suggestion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_flow.errors import DagNotFound, NotFound, RunNotFound, TaskNotFound
from tui_flow.records import Dag, DagRun, TaskInstance, TaskInstanceKey
from tui_flow.settings import home_from_environment
from tui_flow.spec import DagSpec

if TYPE_CHECKING:
    from tui_flow.store.reader import Reader


def open_reader() -> Reader:
    """The home's database. Raises DatabaseMissing where nothing has run yet."""
    from tui_flow.store.reader import Reader  # 15 ms, for commands that read

    return Reader(home_from_environment().database)


def find_dag(reader: Reader, dag_id: str) -> Dag:
    if dag := reader.dag(dag_id):
        return dag
    raise DagNotFound(dag_id, reader.dag_ids())


def find_run(reader: Reader, dag_id: str, run_id: str | None = None) -> DagRun:
    """The named run of a DAG, or its newest."""
    find_dag(reader, dag_id)
    if run := reader.run(dag_id, run_id):
        return run
    if run_id is None:
        raise NotFound(f"DAG {dag_id!r} has no runs yet; `tuiflow trigger {dag_id}` makes one")
    raise RunNotFound(dag_id, run_id, reader.run_ids(dag_id))


def find_task_instance(reader: Reader, run: DagRun, task_id: str, map_index: int = -1) -> TaskInstance:
    if ti := reader.task_instance(TaskInstanceKey(run.id, task_id, map_index)):
        return ti
    there = reader.task_instances(run.id)
    indexes = [ti.map_index for ti in there if ti.task_id == task_id]
    if indexes:
        raise NotFound(f"task {task_id!r} has no map index {map_index}; it has {indexes[0]} to {indexes[-1]}")
    raise TaskNotFound(run.dag_id, task_id, {ti.task_id for ti in there})


def newest_spec(reader: Reader, dag: Dag) -> DagSpec:
    return reader.spec(dag.dag_id, dag.spec_version)


def check_task(spec: DagSpec, task_id: str) -> None:
    if task_id not in spec.by_id:
        raise TaskNotFound(spec.dag_id, task_id, spec.by_id)
