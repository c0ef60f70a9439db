"""`DAG`: a schedule, limits, and the tasks that were defined inside it."""

from __future__ import annotations

import copy
import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from tui_flow.errors import NotPossible, did_you_mean
from tui_flow.sdk import dag_args
from tui_flow.sdk.backend import has_backend
from tui_flow.sdk.current import DagContext, TaskGroupContext
from tui_flow.sdk.dag_names import DagNames
from tui_flow.sdk.deadline import deadlines_of
from tui_flow.sdk.decorators import TaskDecoratorCollection
from tui_flow.sdk.exceptions import DuplicateTaskIdFound, TaskNotFound
from tui_flow.sdk.ids import validate_id
from tui_flow.sdk.node import AbstractOperator
from tui_flow.sdk.operator_args import callbacks_of
from tui_flow.sdk.param import DagParam, ParamsDict
from tui_flow.sdk.taskgroup import TaskGroup
from tui_flow.sdk.templating import create_environment
from tui_flow.sdk.timezone import coerce_datetime, default_timezone
from tui_flow.sdk.xcom_arg import NOTSET

if TYPE_CHECKING:
    import jinja2

    from tui_flow.sdk.dag_test import TestedRun

IGNORED_ARGUMENTS = (
    "access_control",
    "sla_miss_callback",
    "default_view",
    "orientation",
    "full_filepath",
    "disable_bundle_versioning",
    "rerun_with_latest_version",
)
"""Accepted so that Airflow's files load; without meaning here."""


class DAG(DagNames):
    """A directed acyclic graph of tasks and when it runs."""

    def __init__(
        self,
        dag_id: str,
        description: str | None = None,
        *,
        schedule: Any = NOTSET,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        template_searchpath: str | Iterable[str] | None = None,
        template_undefined: type[jinja2.Undefined] | None = None,
        user_defined_macros: Mapping[str, Any] | None = None,
        user_defined_filters: Mapping[str, Callable[..., Any]] | None = None,
        default_args: Mapping[str, Any] | None = None,
        max_active_tasks: int | None = None,
        max_active_runs: int | None = None,
        max_consecutive_failed_dag_runs: int = 0,
        dagrun_timeout: timedelta | None = None,
        catchup: bool | None = None,
        on_success_callback: Any = None,
        on_failure_callback: Any = None,
        deadline: Any = None,
        doc_md: str | None = None,
        params: Mapping[str, Any] | None = None,
        is_paused_upon_creation: bool | None = None,
        jinja_environment_kwargs: Mapping[str, Any] | None = None,
        render_template_as_native_obj: bool = False,
        tags: Collection[str] | None = None,
        owner_links: Mapping[str, str] | None = None,
        auto_register: bool = True,
        fail_fast: bool = False,
        dag_display_name: str | None = None,
        schedule_interval: Any = NOTSET,
        timetable: Any = NOTSET,
        concurrency: int | None = None,
        fail_stop: bool | None = None,
        access_control: Any = None,
        sla_miss_callback: Any = None,
        default_view: str | None = None,
        orientation: str | None = None,
        full_filepath: str | None = None,
        disable_bundle_versioning: bool | None = None,
        rerun_with_latest_version: bool | None = None,
        allowed_run_types: Any = None,
        misfire: str = "latest",
        overlap: str = "queue",
    ) -> None:
        given = locals()
        self.dag_id = validate_id("DAG", dag_id)
        self.description, self.dag_display_name = description, dag_display_name or dag_id
        self.fileloc = full_filepath or _defining_file()
        self.relative_fileloc = os.path.basename(self.fileloc)
        """Below the DAGs folder, once the file is loaded from there."""
        self.timetable: Any = None
        """What its schedule means, once the file is loaded."""
        self._set_dates(given)
        self._set_limits(given)
        self._set_templates(given)
        self.on_success_callback = callbacks_of("on_success_callback", on_success_callback)
        self.on_failure_callback = callbacks_of("on_failure_callback", on_failure_callback)
        self.doc_md = dag_args.documentation_of(doc_md, self.folder)
        self.tags = dag_args.tags_of(dag_id, tags)
        self.owner_links = dict(owner_links or {})
        self.deadline = deadlines_of(dag_id, deadline)
        self.allowed_run_types = dag_args.run_types_of(dag_id, allowed_run_types)
        self.is_paused_upon_creation, self.auto_register = is_paused_upon_creation, auto_register
        self.ignored = tuple(name for name in IGNORED_ARGUMENTS if given[name] is not None)
        self.task_dict: dict[str, AbstractOperator] = {}
        self.used_ids: set[str] = set()
        self.task_id_suffixes: dict[str, int] = {}
        self.edge_info: dict[str, dict[str, dict[str, Any]]] = {}
        self._task_group = TaskGroup.create_root(dag=self)

    def _set_dates(self, given: Mapping[str, Any]) -> None:
        """`start_date` and `end_date` may come from default_args; the zone is the start date's."""
        self.default_args: dict[str, Any] = dag_args.default_args_of(self.dag_id, given["default_args"])
        self.params = ParamsDict(given["params"])
        for name, param in ParamsDict(self.default_args.pop("params", None)).params():
            self.params[name] = param
        start = given["start_date"] or self.default_args.get("start_date")
        self.start_date = coerce_datetime(start)
        self.zone: tzinfo = (self.start_date.tzinfo if self.start_date else None) or default_timezone()
        """As it was given; `timezone` is the same for authors."""
        self.end_date = coerce_datetime(given["end_date"] or self.default_args.get("end_date"), self.zone)
        retired = {name: given[name] for name in dag_args.RETIRED_SCHEDULES}
        self.schedule = dag_args.schedule_of(given["schedule"], retired)
        self.misfire = dag_args.one_of(self.dag_id, "misfire", given["misfire"], ("latest", "all", "skip"))
        self.overlap = dag_args.one_of(self.dag_id, "overlap", given["overlap"], ("queue", "skip", "cancel_old"))
        self.catchup: bool | None = True if self.misfire == "all" else given["catchup"]

    def _set_limits(self, given: Mapping[str, Any]) -> None:
        """None stands for the setting of that name."""
        self.max_active_tasks: int | None = given["max_active_tasks"] or given["concurrency"]
        self.max_active_runs: int | None = given["max_active_runs"]
        self.max_consecutive_failed_dag_runs: int = given["max_consecutive_failed_dag_runs"]
        self.dagrun_timeout = dag_args.timeout_of(self.dag_id, given["dagrun_timeout"])
        self.fail_fast = bool(given["fail_fast"] or given["fail_stop"])

    def _set_templates(self, given: Mapping[str, Any]) -> None:
        searchpath = given["template_searchpath"]
        self.template_searchpath = [searchpath] if isinstance(searchpath, str) else list(searchpath or ())
        self.template_undefined = given["template_undefined"]
        self.user_defined_macros = given["user_defined_macros"]
        self.user_defined_filters = given["user_defined_filters"]
        self.jinja_environment_kwargs = given["jinja_environment_kwargs"]
        self.render_template_as_native_obj: bool = given["render_template_as_native_obj"]
        self._environments: dict[bool, jinja2.Environment] = {}

    @property
    def folder(self) -> str:
        """Where the DAG file is; templates and `.md` files are looked for there."""
        return os.path.dirname(self.fileloc)

    @property
    def task_group(self) -> TaskGroup:
        """The root group."""
        return self._task_group

    @property
    def tasks(self) -> list[AbstractOperator]:
        return list(self.task_dict.values())

    @property
    def task_ids(self) -> list[str]:
        return list(self.task_dict)

    @property
    def task_group_dict(self) -> dict[str | None, TaskGroup]:
        return self._task_group.get_task_group_dict()

    @property
    def roots(self) -> list[AbstractOperator]:
        return [task for task in self.tasks if not task.upstream_task_ids]

    @property
    def leaves(self) -> list[AbstractOperator]:
        return [task for task in self.tasks if not task.downstream_task_ids]

    @property
    def task(self) -> TaskDecoratorCollection:
        """`@dag.task`: as `@task`, in this DAG."""
        return TaskDecoratorCollection(dag=self)

    @property
    def task_count(self) -> int:
        return len(self.task_dict)

    def add_task(self, task: AbstractOperator) -> None:
        """Take a task in. Raises DuplicateTaskIdFound when its id is taken."""
        known = self.task_dict.get(task.task_id)
        if known is task:
            return
        if known is not None:
            raise DuplicateTaskIdFound(f"DAG {self.dag_id!r} already has a task {task.task_id!r}; task ids must differ")
        group = getattr(task, "task_group", None) or TaskGroupContext.get_current(self)
        group.add(task)
        self.task_dict[task.task_id] = task
        task._dag = self

    def add_tasks(self, tasks: Iterable[AbstractOperator]) -> None:
        for task in tasks:
            self.add_task(task)

    def has_task(self, task_id: str) -> bool:
        return task_id in self.task_dict

    def has_task_group(self, task_group_id: str) -> bool:
        return task_group_id in self.task_group_dict

    def get_task(self, task_id: str) -> Any:
        """The task of that id. Raises TaskNotFound."""
        try:
            return self.task_dict[task_id]
        except KeyError:
            hint = did_you_mean(task_id, self.task_dict)
            raise TaskNotFound(f"DAG {self.dag_id!r} has no task {task_id!r}{hint}") from None

    def set_dependency(self, upstream_task_id: str, downstream_task_id: str) -> None:
        self.get_task(upstream_task_id).set_downstream(self.get_task(downstream_task_id))

    def param(self, name: str, default: Any = NOTSET) -> DagParam:
        """Stands for a param of the run, to pass to tasks."""
        return DagParam(self, name, default)

    def set_edge_info(self, upstream_task_id: str, downstream_task_id: str, info: dict[str, Any]) -> None:
        self.edge_info.setdefault(upstream_task_id, {})[downstream_task_id] = info

    def get_edge_info(self, upstream_task_id: str, downstream_task_id: str) -> dict[str, Any]:
        return self.edge_info.get(upstream_task_id, {}).get(downstream_task_id, {})

    def partial_subset(
        self,
        task_ids: str | Collection[str],
        include_downstream: bool = False,
        include_upstream: bool = True,
        include_direct_upstream: bool = False,
    ) -> DAG:
        """A copy with only some tasks: those whose id is listed, or contains the text, and their relatives as asked."""
        wanted: set[str] = set()
        for task in self.tasks:
            if not (task_ids in task.task_id if isinstance(task_ids, str) else task.task_id in task_ids):
                continue
            wanted.add(task.task_id)
            if include_downstream:
                wanted |= task.get_flat_relative_ids(upstream=False)
            if include_upstream:
                wanted |= task.get_flat_relative_ids(upstream=True)
            elif include_direct_upstream:
                wanted |= task.upstream_task_ids
        subset = copy.deepcopy(self)
        subset._keep_only(wanted)
        return subset

    def _keep_only(self, task_ids: set[str]) -> None:
        for task in self.tasks:
            if task.task_id not in task_ids:
                del self.task_dict[task.task_id]
                del task.task_group.children[task.task_id]
            else:
                task.upstream_task_ids &= task_ids
                task.downstream_task_ids &= task_ids

    def get_template_env(self, *, native: bool | None = None) -> jinja2.Environment:
        """The Jinja environment of its templates, made once."""
        is_native = self.render_template_as_native_obj if native is None else native
        environment = self._environments.get(is_native)
        if environment is None:
            environment = self._environments[is_native] = create_environment(
                searchpath=[self.folder, *self.template_searchpath],
                undefined=self.template_undefined,
                macros=self.user_defined_macros,
                filters=self.user_defined_filters,
                options=self.jinja_environment_kwargs,
                native=is_native,
            )
        return environment

    def test(
        self,
        run_after: datetime | None = None,
        logical_date: datetime | None = None,
        run_conf: Mapping[str, Any] | None = None,
        conn_file_path: str | None = None,
        variable_file_path: str | None = None,
        use_executor: bool = False,
        mark_success_pattern: str | None = None,
        execution_date: datetime | None = None,
        session: Any = None,
    ) -> TestedRun:
        """Run the DAG of this file as `tuiflow run` does, logs included, and give the run as it ended.

        With a date that has a run already, that one is cleared and runs again. Where the file is the program itself
        (`python file.py`) its exit code becomes 1 when the run fails. `use_executor` and `session` mean nothing here:
        tasks run in processes of their own anyway. Raises NotPossible while the file is imported.
        """
        if has_backend():
            raise NotPossible(f"DAG {self.dag_id!r}: put dag.test() below `if __name__ == '__main__':`")
        from tui_flow.sdk.dag_test import run_test  # only for those who call it

        return run_test(
            self,
            logical_date=coerce_datetime(logical_date or execution_date or run_after, self.zone),
            conf=run_conf,
            conn_file_path=conn_file_path,
            variable_file_path=variable_file_path,
            mark_success_pattern=mark_success_pattern,
        )

    def cli(self) -> None:
        """The command line for this DAG alone: `python file.py run`, `python file.py runs list`."""
        if has_backend():
            raise NotPossible(f"DAG {self.dag_id!r}: put dag.cli() below `if __name__ == '__main__':`")
        from tui_flow.sdk.dag_test import run_cli  # only for those who call it

        run_cli(self, sys.argv[1:])

    def __deepcopy__(self, memo: dict[int, Any]) -> DAG:
        copied = object.__new__(type(self))
        memo[id(self)] = copied
        shallow = {"user_defined_macros", "user_defined_filters", "params", "schedule"}
        for name, value in self.__dict__.items():
            copied.__dict__[name] = (
                {} if name == "_environments" else copy.copy(value) if name in shallow else copy.deepcopy(value, memo)
            )
        return copied

    def __enter__(self) -> Self:
        DagContext.push(self)
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        DagContext.pop()

    def __repr__(self) -> str:
        return f"<DAG: {self.dag_id}>"


def _defining_file() -> str:
    """The file that calls `DAG(...)` or a `@dag` function: the first frame outside this package."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(package):
        frame = frame.f_back
    return frame.f_code.co_filename
