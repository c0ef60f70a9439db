"""`default_args`: filling an operator's missing arguments from its DAG, its task group and its own `default_args`.

Every `__init__` in an operator's class hierarchy is wrapped, users' classes included, so that each one's own parameters
are filled; the outermost call also binds the task's dependencies.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from tui_flow.sdk.current import DagContext, TaskGroupContext
from tui_flow.sdk.param import ParamsDict

Init = Callable[..., None]


def merged_defaults(
    dag: Any, task_group: Any, params: Mapping[str, Any] | None, default_args: Mapping[str, Any] | None
) -> tuple[dict[str, Any], ParamsDict]:
    """Defaults for arguments, and the params: DAG first, then group, then the task's own."""
    merged: dict[str, Any] = {}
    all_params = ParamsDict()
    if dag is not None:
        merged.update(dag.default_args)
        all_params = ParamsDict(dag.params)
    if task_group is not None:
        merged.update(task_group.default_args)
    merged.update(default_args or {})
    for source in (merged.pop("params", None), params):
        for name, param in ParamsDict(source).params() if source else ():
            all_params._params[name] = param
    return merged, all_params


def filled_by_defaults(init: Init) -> Init:
    """Wrap an operator's `__init__`; wrapping twice changes nothing."""
    if hasattr(init, "_fills_defaults"):
        return init
    parameters = [p for name, p in inspect.signature(init).parameters.items() if name != "self"]
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    names = [p.name for p in named]
    required = [p.name for p in named if p.default is p.empty]
    takes_default_args = "default_args" in names or any(p.kind is p.VAR_KEYWORD for p in parameters)

    @functools.wraps(init)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> None:
        if args:
            raise TypeError(f"{type(self).__name__} takes keyword arguments only; write task_id=... and so on")
        dag = kwargs.get("dag")
        if dag is None:
            dag = DagContext.get_current()
        task_group = kwargs.get("task_group") or TaskGroupContext.get_current(dag)
        defaults, params = merged_defaults(
            dag, task_group, kwargs.pop("params", None), kwargs.pop("default_args", None)
        )
        kwargs.update({name: defaults[name] for name in names if name in defaults and name not in kwargs})
        if missing := [name for name in required if name not in kwargs]:
            raise TypeError(
                f"{type(self).__name__} is missing the argument{'s' * (len(missing) > 1)} {', '.join(missing)}"
            )
        if params:
            kwargs["params"] = params
        if takes_default_args:
            kwargs["default_args"] = defaults
        is_outermost = not self.__dict__.get("_in_init", False)
        if is_outermost:
            self.__dict__["_in_init"] = True
        init(self, **kwargs)
        if is_outermost:
            del self.__dict__["_in_init"]
            self._finish_init()

    wrapper._fills_defaults = True  # type: ignore[attr-defined]
    return wrapper


def apply_defaults(func: Init) -> Init:
    """Airflow 1.10's decorator for `__init__`: accepted, needed no more."""
    return func
