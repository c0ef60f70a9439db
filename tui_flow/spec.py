"""What a DAG file says, as frozen plain data: all that the scheduler ever knows of a DAG.

`sdk` turns authors' objects into these (its `to_spec`); `store` keeps them as JSON; `planner` reads them. Nothing here
runs user code. A `DagSpec`'s `version` is the hash of its meaning: formatting, comments and code inside tasks do not
change it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from tui_flow.state import CallbackKind, TriggerRule, WeightRule

Dialect = Literal["tui_flow", "airflow2", "airflow3"]
"""Whose defaults and dates a file means; decided by what it imports."""

Json = Any
"""A value that `json.dumps` accepts and gives back unchanged."""


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One task (operator) of a DAG."""

    task_id: str
    operator: str = "BaseOperator"
    """Class name, for people; `@task` shows as `@task`."""
    upstream: tuple[str, ...] = ()
    """Direct upstream task ids, sorted."""
    group: str | None = None
    """Id of the innermost task group, None at the root."""
    trigger_rule: TriggerRule = TriggerRule.ALL_SUCCESS
    owner: str = ""
    display_name: str | None = None
    doc: str | None = None
    ui_color: str | None = None
    retries: int = 0
    retry_delay_s: float = 300.0
    retry_exponential_backoff: float = 0.0
    """0 = constant delay; otherwise the multiplier of each further try."""
    max_retry_delay_s: float | None = None
    execution_timeout_s: float | None = None
    depends_on_past: bool = False
    wait_for_downstream: bool = False
    ignore_first_depends_on_past: bool = False
    wait_for_past_depends_before_skipping: bool = False
    start_date: datetime | None = None
    end_date: datetime | None = None
    pool: str = "default_pool"
    pool_slots: int = 1
    priority_weight: int = 1
    weight_rule: WeightRule = WeightRule.DOWNSTREAM
    weights_by_try: tuple[int, ...] = ()
    """Effective weights of the first, second, ... try where they differ; the last goes for all further ones."""
    max_active_tis_per_dag: int | None = None
    max_active_tis_per_dagrun: int | None = None
    callbacks: tuple[CallbackKind, ...] = ()
    """Which user callbacks are set; the callables stay in the file."""
    is_sensor: bool = False
    reschedule: bool = False
    """A sensor that frees its slot between pokes."""
    is_empty: bool = False
    """Nothing to run: succeeds without a process (no callbacks, hooks or outlets)."""
    is_shell: bool = False
    """A shell command that a host may spawn without a Python fork (no callback, hook or user code to render it)."""
    is_branch: bool = False
    """May tell downstream tasks to skip, and remembers it."""
    do_xcom_push: bool = True
    xcom_from: tuple[str, ...] = ()
    """Task ids whose XComs templates and XComArgs name, so that they travel in the Workload."""
    is_setup: bool = False
    is_teardown: bool = False
    on_failure_fail_dagrun: bool = False
    outlets: tuple[Json, ...] = ()
    inlets: tuple[Json, ...] = ()
    params: Mapping[str, Json] = field(default_factory=dict)
    """JSON schemas of the task's own params by name, each with its `default`."""
    triggers_dag: str | None = None
    """The DAG that it makes run, where that is known before."""
    waits_for_dag: str | None = None
    template_fields: tuple[str, ...] = ()
    mapped: Json = None
    """How the task expands (None: it does not)."""
    ignored: tuple[str, ...] = ()
    """Names of accepted arguments that mean nothing on one machine (queue, executor_config, ...)."""


@dataclass(frozen=True, slots=True)
class GroupSpec:
    """One task group."""

    group_id: str
    parent: str | None = None
    tooltip: str = ""
    doc: str | None = None
    display_name: str | None = None
    ui_color: str | None = None
    mapped: Json = None


@dataclass(frozen=True)
class DagSpec:
    """One DAG: its schedule, limits and tasks."""

    dag_id: str
    file: str
    """Path of the DAG file, relative to the DAGs folder."""
    dialect: Dialect = "tui_flow"
    dialect_reason: str = ""
    description: str | None = None
    doc: str | None = None
    display_name: str | None = None
    tags: tuple[str, ...] = ()
    owner_links: Mapping[str, str] = field(default_factory=dict)
    timetable: Mapping[str, Json] = field(default_factory=lambda: {"kind": "NullTimetable"})
    """`Timetable.to_dict()`."""
    timezone: str = "UTC"
    start_date: datetime | None = None
    end_date: datetime | None = None
    catchup: bool = False
    max_active_runs: int = 16
    max_active_tasks: int = 16
    max_active_tasks_per_run: bool = False
    """Whether `max_active_tasks` counts per run (Airflow 3) or over all runs of the DAG."""
    max_consecutive_failed_dag_runs: int = 0
    dagrun_timeout_s: float | None = None
    fail_fast: bool = False
    allowed_run_types: tuple[str, ...] = ()
    """Types of the runs that it may have; empty: all."""
    misfire: str = "latest"
    """What becomes of slots that passed long ago: the latest one is run however late (with catchup all are), or `skip`
    drops them."""
    overlap: str = "queue"
    """What a slot does at max_active_runs: `queue` waits, `skip` drops the slot, `cancel_old` ends the oldest run."""
    is_paused_upon_creation: bool | None = None
    callbacks: tuple[CallbackKind, ...] = ()
    params: Mapping[str, Json] = field(default_factory=dict)
    """JSON schemas by name, each with its `default` where it has one."""
    render_native: bool = False
    tasks: tuple[TaskSpec, ...] = ()
    """In the order in which the file defines them."""
    groups: tuple[GroupSpec, ...] = ()
    edge_labels: Mapping[str, str] = field(default_factory=dict)
    """`"upstream>downstream"` -> label."""
    deadlines: tuple[Json, ...] = ()
    ignored: tuple[str, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, TaskSpec]:
        return {task.task_id: task for task in self.tasks}

    @cached_property
    def groups_by_id(self) -> dict[str, GroupSpec]:
        return {group.group_id: group for group in self.groups}

    @cached_property
    def order(self) -> dict[str, int]:
        """Position of each task in the file: the tie-break of every ordering."""
        return {task.task_id: index for index, task in enumerate(self.tasks)}

    @cached_property
    def downstream(self) -> dict[str, tuple[str, ...]]:
        """Direct downstream task ids by task id, in file order."""
        found: dict[str, list[str]] = {task.task_id: [] for task in self.tasks}
        for task in self.tasks:
            for upstream_id in task.upstream:
                found[upstream_id].append(task.task_id)
        return {task_id: tuple(below) for task_id, below in found.items()}

    @property
    def owners(self) -> tuple[str, ...]:
        """Those of its tasks, each with the link that the DAG gives for it."""
        names = sorted({task.owner for task in self.tasks if task.owner})
        return tuple(f"{name} <{link}>" if (link := self.owner_links.get(name)) else name for name in names)

    def may_have(self, run_type: str) -> bool:
        """Whether the DAG's author allows runs of this type."""
        return not self.allowed_run_types or run_type in self.allowed_run_types

    @cached_property
    def leaves(self) -> frozenset[str]:
        """Tasks that decide the run's state: those without downstream tasks, teardowns set aside."""
        return frozenset(
            task.task_id
            for task in self.tasks
            if not (task.is_teardown and not task.on_failure_fail_dagrun)
            and all(
                self.by_id[d].is_teardown and not self.by_id[d].on_failure_fail_dagrun
                for d in self.downstream[task.task_id]
            )
        )

    @cached_property
    def mapped_levels(self) -> dict[str, Json]:
        """How each mapped task group and each mapped task expands, by its id."""
        groups = {group.group_id: group.mapped for group in self.groups if group.mapped}
        return groups | {task.task_id: task.mapped for task in self.tasks if task.mapped}

    @cached_property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """Of each task that has several task instances in a run, the ids of what expands it: its mapped task groups,
        the outermost first, then itself."""
        found: dict[str, tuple[str, ...]] = {}
        if self.mapped_levels:
            for task in self.tasks:
                own = (task.task_id,) if task.mapped else ()
                if levels := (*self._mapped_groups(task.group), *own):
                    found[task.task_id] = levels
        return found

    def _mapped_groups(self, group_id: str | None) -> tuple[str, ...]:
        group = self.groups_by_id.get(group_id) if group_id is not None else None
        if group is None:
            return ()
        return (*self._mapped_groups(group.parent), *((group.group_id,) if group.mapped else ()))

    @cached_property
    def version(self) -> str:
        """Hash of the meaning, 16 hex digits."""
        text = json.dumps(spec_to_dict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def spec_to_dict(spec: DagSpec | TaskSpec | GroupSpec) -> dict[str, Json]:
    """JSON-ready; fields at their default are left out. `spec_from_dict` reverses it."""
    out: dict[str, Json] = {}
    for item in fields(spec):
        value = getattr(spec, item.name)
        default = item.default_factory() if item.default_factory is not MISSING else item.default
        if value == default:
            continue
        if item.name in ("tasks", "groups"):
            out[item.name] = [spec_to_dict(part) for part in value]
        elif isinstance(value, datetime):
            out[item.name] = value.isoformat()
        else:
            out[item.name] = list(value) if isinstance(value, tuple) else value
    return out


_ENUMS = {"trigger_rule": TriggerRule, "weight_rule": WeightRule}
_DATES = ("start_date", "end_date")
_TUPLES = frozenset(
    item.name for cls in (TaskSpec, GroupSpec, DagSpec) for item in fields(cls) if str(item.type).startswith("tuple[")
)


def _fields_from(data: Mapping[str, Json]) -> dict[str, Json]:
    out: dict[str, Json] = {}
    for name, value in data.items():
        if name in _DATES:
            value = datetime.fromisoformat(value)
        elif name in _ENUMS:
            value = _ENUMS[name](value)
        elif name == "callbacks":
            value = tuple(CallbackKind(kind) for kind in value)
        elif name in _TUPLES:
            value = tuple(value)
        out[name] = value
    return out


def spec_from_dict(data: Mapping[str, Json], version: str = "") -> DagSpec:
    """The reverse of `spec_to_dict` for a whole DAG. `version`: as it is known, to work it out takes longer than all
    the rest."""
    plain = _fields_from({k: v for k, v in data.items() if k not in ("tasks", "groups")})
    spec = DagSpec(
        **plain,
        tasks=tuple(TaskSpec(**_fields_from(task)) for task in data.get("tasks", ())),
        groups=tuple(GroupSpec(**_fields_from(group)) for group in data.get("groups", ())),
    )
    if version:
        vars(spec)["version"] = version  # where `cached_property` keeps it
    return spec
