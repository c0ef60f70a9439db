"""From the names that people type to records. Raises NotFound with a suggestion."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tui_flow.cli.instances import counted, split_name
from tui_flow.errors import DagNotFound, NotFound, RunNotFound, TaskNotFound
from tui_flow.records import Dag, DagRun, TaskInstance, TaskInstanceKey
from tui_flow.settings import home_from_environment
from tui_flow.spec import DagSpec
from tui_flow.state import FAILED_TASK

if TYPE_CHECKING:
    from tui_flow.store.reader import Reader


Shown = TypeVar("Shown")


def open_reader() -> Reader:
    """The home's database. Raises DatabaseMissing where nothing has run yet."""
    from tui_flow.store.reader import Reader  # 15 ms, for commands that read

    return Reader(home_from_environment().database)


def find_dag(reader: Reader, dag_id: str) -> Dag:
    if dag := reader.dag(dag_id):
        return dag
    raise DagNotFound(dag_id, reader.dag_ids(), len(reader.import_errors()))


def find_run(reader: Reader, dag_id: str, run_id: str | None = None) -> DagRun:
    """The named run of a DAG, or its newest."""
    find_dag(reader, dag_id)
    if run := reader.run(dag_id, run_id):
        return run
    if run_id is None:
        raise NotFound(f"DAG {dag_id!r} has no runs yet; `tuiflow trigger {dag_id}` makes one")
    raise RunNotFound(dag_id, run_id, reader.run_ids(dag_id))


def find_task_instance(reader: Reader, run: DagRun, task_id: str, map_index: int = -1) -> TaskInstance:
    """`task_id` may be `task[3]` where no map index is given."""
    task_id, map_index = split_name(task_id, map_index)
    if ti := reader.task_instance(TaskInstanceKey(run.id, task_id, map_index)):
        return ti
    instances = reader.task_instances(run.id, [task_id])
    if not instances:
        raise TaskNotFound(run.dag_id, task_id, {ti.task_id for ti in reader.task_instances(run.id)})
    if map_index >= 0:
        first, last = instances[0].map_index, instances[-1].map_index
        raise NotFound(f"task {task_id!r} has no map index {map_index}; it has {first} to {last}")
    telling = next((ti for ti in instances if ti.state in FAILED_TASK), instances[0])
    raise NotFound(
        f"task {task_id!r} has several task instances: {counted(ti.state for ti in instances)}; "
        f"name one, as {task_id}[{telling.map_index}] or with --map-index"
    )


def newest_spec(reader: Reader, dag: Dag) -> DagSpec:
    return reader.spec(dag.dag_id, dag.spec_version)


def check_task(spec: DagSpec, task_id: str) -> None:
    if task_id not in spec.by_id:
        raise TaskNotFound(spec.dag_id, task_id, spec.by_id)


def without_secrets(reader: Reader, values: Shown) -> Shown:
    """What people and tasks gave, as it may be shown."""
    from tui_flow.store.masked import masked  # 10 ms, for commands that show values

    return masked(reader, values)


def without_secret_names(values: Shown) -> Shown:
    """As `without_secrets`, where only names tell what is secret: nothing is decrypted."""
    from tui_flow.masking import MASKER  # 5 ms, for those who have values

    shown: Shown = MASKER.redact_value(values) if values else values
    return shown
