"""`@dag`: a function that makes a DAG; its tasks are made in the body, its arguments become params."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, overload

from tui_flow.sdk.dag import DAG
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.param import DagParam
from tui_flow.sdk.xcom_arg import NOTSET

Function = Callable[..., Any]


@overload
def dag(dag_id_or_func: Function, /) -> Callable[..., DAG]: ...


@overload
def dag(dag_id_or_func: str | None = None, **dag_kwargs: Any) -> Callable[[Function], Callable[..., DAG]]: ...


def dag(dag_id_or_func: Function | str | None = None, **dag_kwargs: Any) -> Any:
    """The arguments are those of `DAG`; without a `dag_id` the function's name is it."""
    if callable(dag_id_or_func):
        return _maker(dag_id_or_func, dag_kwargs)
    given = {"dag_id": dag_id_or_func} if dag_id_or_func is not None else {}
    return lambda function: _maker(function, {**dag_kwargs, **given})


def _maker(function: Function, dag_kwargs: Mapping[str, Any]) -> Callable[..., DAG]:
    signature = inspect.signature(function)
    arguments = {"dag_id": function.__name__, **dag_kwargs}
    arguments["doc_md"] = dag_kwargs.get("doc_md") or function.__doc__

    @functools.wraps(function)
    def make(*args: Any, **kwargs: Any) -> DAG:
        bound = signature.bind_partial(*args, **kwargs)
        with DAG(**arguments) as made:
            made.fileloc = function.__code__.co_filename
            function(**_function_params(made, signature, bound.arguments))
        return made

    return make


def _function_params(made: DAG, signature: inspect.Signature, given: Mapping[str, Any]) -> dict[str, DagParam]:
    """Each argument of a `@dag` function as a param: its value or default is the param's default."""
    found: dict[str, DagParam] = {}
    for name, parameter in signature.parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        default = parameter.default if parameter.default is not parameter.empty else NOTSET
        value = given.get(name, default)
        if value is NOTSET:
            raise AirflowException(f"the argument {name!r} of DAG {made.dag_id!r} has no value and no default")
        found[name] = made.param(name, value)
    return found
