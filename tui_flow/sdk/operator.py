"""`BaseOperator`: the class of every task; what it does is in its `execute`."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, ClassVar, Self

from tui_flow.sdk import operator_args as args
from tui_flow.sdk.context import Context
from tui_flow.sdk.current import DagContext, TaskGroupContext
from tui_flow.sdk.defaults import filled_by_defaults
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.expand import ExpandInput, ExpandKwargsInput, OperatorPartial
from tui_flow.sdk.ids import validate_id
from tui_flow.sdk.node import AbstractOperator, DagLike
from tui_flow.sdk.operator_hooks import OperatorHooks
from tui_flow.sdk.operator_names import OperatorNames
from tui_flow.sdk.param import ParamsDict
from tui_flow.sdk.priority_strategy import PriorityWeightStrategy, weight_rule_of
from tui_flow.sdk.setup_teardown import SetupTeardownContext
from tui_flow.sdk.taskgroup import TaskGroup
from tui_flow.sdk.timezone import coerce_datetime
from tui_flow.sdk.xcom_arg import NOTSET, XComArg
from tui_flow.state import TriggerRule, WeightRule

Callbacks = args.Callback | Sequence[args.Callback] | None
_ABSENT = object()
"""What a class says of an attribute that it does not have; NOTSET may be an attribute's value."""


class BaseOperator(OperatorNames, OperatorHooks, AbstractOperator):
    """One task of a DAG. Subclasses set `template_fields` and implement `execute(context)`."""

    template_fields: Collection[str] = ()
    template_ext: Collection[str] = ()
    ui_color: str = "#fff"
    ui_fgcolor: str = "#000"
    operator_extra_links: Collection[Any] = ()
    shallow_copy_attrs: Sequence[str] = ()
    start_trigger_args: Any = None
    start_from_trigger: bool = False
    custom_operator_name: ClassVar[str | None] = None

    # These are set by name in __init__; declared here for type checkers and readers.
    on_execute_callback: list[args.Callback]
    on_failure_callback: list[args.Callback]
    on_success_callback: list[args.Callback]
    on_retry_callback: list[args.Callback]
    on_skipped_callback: list[args.Callback]
    owner: str
    retry_policy: Any
    email: Any
    email_on_failure: bool
    email_on_retry: bool
    ignore_first_depends_on_past: bool
    wait_for_past_depends_before_skipping: bool
    map_index_template: str | None
    do_xcom_push: bool
    multiple_outputs: bool
    doc: str | None
    doc_md: str | None
    task_display_name: str | None

    is_setup = is_teardown = on_failure_fail_dagrun = False
    pool = "default_pool"
    _pre_execute_hook: Any = None
    _post_execute_hook: Any = None
    _is_ready = False
    _is_copy = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            cls.__init__ = filled_by_defaults(cls.__init__)  # type: ignore[method-assign]

    @filled_by_defaults
    def __init__(
        self,
        *,
        task_id: str,
        owner: str = "airflow",
        email: str | Sequence[str] | None = None,
        email_on_retry: bool = True,
        email_on_failure: bool = True,
        retries: int | None = 0,
        retry_delay: timedelta | float = timedelta(seconds=300),
        retry_exponential_backoff: float | bool = 0,
        max_retry_delay: timedelta | float | None = None,
        retry_policy: Any = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        depends_on_past: bool = False,
        ignore_first_depends_on_past: bool = False,
        wait_for_past_depends_before_skipping: bool = False,
        wait_for_downstream: bool = False,
        dag: DagLike | None = None,
        params: Mapping[str, Any] | None = None,
        default_args: Mapping[str, Any] | None = None,
        priority_weight: int = 1,
        weight_rule: str | WeightRule | PriorityWeightStrategy = WeightRule.DOWNSTREAM,
        queue: str | None = None,
        pool: str | None = None,
        pool_slots: int = 1,
        sla: timedelta | None = None,
        execution_timeout: timedelta | None = None,
        on_execute_callback: Callbacks = None,
        on_failure_callback: Callbacks = None,
        on_success_callback: Callbacks = None,
        on_retry_callback: Callbacks = None,
        on_skipped_callback: Callbacks = None,
        pre_execute: Callable[[Any], None] | None = None,
        post_execute: Callable[[Any, Any], None] | None = None,
        trigger_rule: str | TriggerRule = TriggerRule.ALL_SUCCESS,
        resources: Mapping[str, Any] | None = None,
        run_as_user: str | None = None,
        map_index_template: str | None = None,
        max_active_tis_per_dag: int | None = None,
        max_active_tis_per_dagrun: int | None = None,
        task_concurrency: int | None = None,
        executor: str | None = None,
        executor_config: Mapping[str, Any] | None = None,
        do_xcom_push: bool = True,
        xcom_push: bool | None = None,
        multiple_outputs: bool = False,
        inlets: Any = None,
        outlets: Any = None,
        task_group: TaskGroup | None = None,
        doc: str | None = None,
        doc_md: str | None = None,
        doc_json: str | None = None,
        doc_yaml: str | None = None,
        doc_rst: str | None = None,
        task_display_name: str | None = None,
        ui_color: str | None = None,
        logger_name: str | None = None,
        allow_nested_operators: bool = True,
        render_template_as_native_obj: bool | None = None,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            raise args.unknown_arguments(type(self).__name__, task_id, kwargs, _KNOWN_ARGUMENTS)
        given = locals()
        self._join(task_id, dag, task_group)
        self._set_waits(given)
        self._set_limits(given)
        self._set_callbacks(given)
        for name in args.KEPT_AS_GIVEN:
            setattr(self, name, given[name])
        if xcom_push is not None:  # Airflow 1.10's name of it
            self.do_xcom_push = xcom_push
        self.retry_policy = args.retry_policy_of(retry_policy)
        if ui_color is not None:
            self.ui_color = ui_color
        self.params = ParamsDict(params)
        self.inlets, self.outlets = _as_list(inlets), _as_list(outlets)
        self.start_date, self.end_date = coerce_datetime(start_date), coerce_datetime(end_date)
        self.is_setup = self.is_teardown = self.on_failure_fail_dagrun = False
        SetupTeardownContext.add_task(self)

    def _join(self, task_id: str, dag: DagLike | None, task_group: TaskGroup | None) -> None:
        """Take the id, prefixed by the group's, and a place in the group and the DAG."""
        validate_id("task", task_id)
        self.upstream_task_ids, self.downstream_task_ids = set(), set()
        dag = dag or (task_group.dag if task_group is not None else None) or DagContext.get_current()
        group = task_group if task_group is not None else TaskGroupContext.get_current(dag)
        self.task_group = group
        self.task_id = validate_id("task", group.child_id(task_id)) if group is not None else task_id
        if dag is not None:
            dag.add_task(self)

    def _set_waits(self, given: Mapping[str, Any]) -> None:
        self.retries = args.retries_of(given["retries"])
        self.retry_delay = args.seconds_or_span("retry_delay", given["retry_delay"])
        self.retry_exponential_backoff = args.backoff_of(given["retry_exponential_backoff"])
        longest = given["max_retry_delay"]
        self.max_retry_delay = None if longest is None else args.seconds_or_span("max_retry_delay", longest)
        self.execution_timeout = args.span_only("execution_timeout", given["execution_timeout"])
        self.trigger_rule = args.trigger_rule_of(given["trigger_rule"])
        self.wait_for_downstream = given["wait_for_downstream"]
        self.depends_on_past = bool(given["depends_on_past"] or self.wait_for_downstream)

    def _set_limits(self, given: Mapping[str, Any]) -> None:
        self.priority_weight = args.priority_of(given["priority_weight"])
        self.weight_rule = weight_rule_of(given["weight_rule"])
        self.pool = given["pool"] or "default_pool"
        self.pool_slots = args.positive("pool_slots", given["pool_slots"])
        self.max_active_tis_per_dag = given["max_active_tis_per_dag"] or given["task_concurrency"]
        self.max_active_tis_per_dagrun = given["max_active_tis_per_dagrun"]

    def _set_callbacks(self, given: Mapping[str, Any]) -> None:
        for name in args.CALLBACK_ARGUMENTS:
            setattr(self, name, args.callbacks_of(name, given[name]))
        self._pre_execute_hook = given["pre_execute"]
        self._post_execute_hook = given["post_execute"]

    @classmethod
    def partial(cls, **kwargs: Any) -> OperatorPartial:
        """The arguments that all task instances share; `.expand()` gives the others."""
        return OperatorPartial(cls, kwargs, MappedOperator)

    def _finish_init(self) -> None:
        """After the outermost `__init__`: results passed as arguments become dependencies."""
        self._is_ready = True
        if self._is_copy:
            return
        for name in self.template_fields:
            self._depend_on_results_in(name)

    def _depend_on_results_in(self, field: str) -> None:
        value = getattr(self, field, NOTSET)
        if value is not NOTSET:
            XComArg.apply_upstream_relationship(self, value)

    def __setattr__(self, name: str, value: Any) -> None:
        """What the class says anyway is not kept by each task: of ten thousand tasks every fork copies the memory."""
        if name in self.__dict__ or getattr(type(self), name, _ABSENT) is not value:
            super().__setattr__(name, value)
        if self._is_ready and not self._is_copy and name in self.template_fields:
            self._depend_on_results_in(name)

    def for_execution(self) -> Self:
        """A copy to render and execute, so that the definition stays as the file made it."""
        copied = copy.copy(self)
        object.__setattr__(copied, "_is_copy", True)
        return copied

    @property
    def dag(self) -> Any:
        """The DAG it is in. Raises AirflowException when it is in none."""
        if self._dag is None:
            raise AirflowException(f"task {self.task_id!r} is in no DAG yet")
        return self._dag

    @dag.setter
    def dag(self, dag: DagLike | None) -> None:
        if dag is None:
            self._dag = None
        elif self._dag is None:
            dag.add_task(self)
        elif self._dag is not dag:
            raise AirflowException(f"task {self.task_id!r} is in DAG {self._dag.dag_id!r} already; a task has one DAG")

    def get_dag(self) -> Any:
        """The DAG it is in; None when it is in none."""
        return self._dag

    @property
    def task_type(self) -> str:
        return type(self).__name__

    @property
    def operator_name(self) -> str:
        return self.custom_operator_name or self.task_type

    @property
    def output(self) -> XComArg:
        """Its return value, to pass to other tasks."""
        return XComArg(self)

    def as_setup(self) -> Self:
        """Raises ValueError for a teardown."""
        if self.is_teardown:
            raise ValueError(f"task {self.task_id!r} is a teardown already; it cannot be a setup too")
        self.is_setup = True
        return self

    def as_teardown(self, *, setups: Any = None, on_failure_fail_dagrun: bool | None = None) -> Self:
        """Raises ValueError for a setup."""
        if self.is_setup:
            raise ValueError(f"task {self.task_id!r} is a setup already; it cannot be a teardown too")
        self.is_teardown = True
        self.trigger_rule = TriggerRule.ALL_DONE_SETUP_SUCCESS
        if on_failure_fail_dagrun is not None:
            self.on_failure_fail_dagrun = on_failure_fail_dagrun
        for setup in _as_list(setups):
            setup.as_setup()
            setup >> self
        return self

    def __enter__(self) -> type[SetupTeardownContext]:
        if not self.is_setup and not self.is_teardown:
            raise AirflowException(f"`with` needs a setup or teardown task; task {self.task_id!r} is neither")
        SetupTeardownContext.push(self)
        return SetupTeardownContext

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        SetupTeardownContext.pop()

    def add_inlets(self, inlets: Sequence[Any]) -> None:
        self.inlets.extend(inlets)

    def add_outlets(self, outlets: Sequence[Any]) -> None:
        self.outlets.extend(outlets)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        copied = type(self).__new__(type(self))
        memo[id(self)] = copied
        shallow = {"log", *self.shallow_copy_attrs}
        for name, value in self.__dict__.items():
            object.__setattr__(copied, name, copy.copy(value) if name in shallow else copy.deepcopy(value, memo))
        return copied

    def __repr__(self) -> str:
        return f"<Task({self.task_type}): {self.task_id}>"


_PARAMETERS = inspect.signature(BaseOperator.__init__).parameters
_KNOWN_ARGUMENTS = frozenset(_PARAMETERS) - {"self", "kwargs"}
for _name in (*args.KEPT_AS_GIVEN, *args.KEPT_ONCE_CHECKED):
    setattr(BaseOperator, _name, _PARAMETERS[_name].default)


class MappedOperator(BaseOperator):
    """A task that becomes several task instances in a run: `SomeOperator.partial(...).expand(...)`."""

    is_mapped = True
    operator_class: type[BaseOperator] = BaseOperator

    def __init__(
        self,
        *,
        operator_class: type[BaseOperator],
        expand_input: ExpandInput | ExpandKwargsInput,
        given: Mapping[str, Any],
        default_args: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.operator_class = operator_class
        self.expand_input = expand_input
        self.partial_kwargs = dict(given)
        self._defaults = dict(default_args or {})
        shared = {name: value for name, value in given.items() if name in _KNOWN_ARGUMENTS}
        super().__init__(default_args=default_args, **{**kwargs, **shared})

    def _finish_init(self) -> None:
        XComArg.apply_upstream_relationship(self, self.partial_kwargs)
        for task, _key in self.expand_input.iter_references():
            self.set_upstream(task)
        super()._finish_init()

    @property
    def task_type(self) -> str:
        return self.operator_class.__name__

    @property
    def operator_name(self) -> str:
        return self.operator_class.custom_operator_name or self.task_type

    def unmap(self, resolved: Mapping[str, Any]) -> BaseOperator:
        """The operator of one task instance, given the values of what it expands over."""
        arguments = {**self.partial_kwargs, **resolved, "task_id": self.task_id, "default_args": self._defaults}
        task = self.operator_class.__new__(self.operator_class)
        object.__setattr__(task, "_is_copy", True)  # its dependencies are set: it is in the DAG already, as this
        task.__init__(**{k: v for k, v in arguments.items() if k not in ("dag", "task_group")})  # type: ignore[misc]
        for name in ("_dag", "task_group", "upstream_task_ids", "downstream_task_ids", "is_setup", "is_teardown"):
            object.__setattr__(task, name, getattr(self, name))
        return task

    def for_place(self, context: Context, place: int) -> BaseOperator:
        """The operator of the task instance at this place. What a function of `.map()` raises passes through."""
        arguments = self.expand_input.arguments(context, place)
        if self.expand_input.strict and (twice := sorted(self.shared_names() & arguments.values.keys())):
            raise AirflowException(f"task {self.task_id!r}: {', '.join(twice)} given to both partial() and expand()")
        task = self.unmap(arguments.values)
        object.__setattr__(task, "_results", arguments.results)
        return task

    def shared_names(self) -> set[str]:
        """Names of what `partial` has given."""
        return set(self.partial_kwargs)

    def execute(self, context: Context) -> Any:
        raise AirflowException(
            f"dynamic task mapping: task {self.task_id!r} was started without being expanded into its task instances"
        )


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]
