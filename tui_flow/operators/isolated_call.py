"""A call of a function as files, for another Python to make, and what came of it. `isolated_script` is the other end.

Only what the function's own text says goes along: no global of the DAG file, and of the context only plain values.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import shutil
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tui_flow.operators import isolated_script
from tui_flow.sdk.callables import determine_kwargs
from tui_flow.sdk.context import CONTEXT_KEYS, Context
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.extras import extra
from tui_flow.sdk.later import Later

SCRIPT = "call.py"
SERIALIZERS = ("pickle", "cloudpickle", "dill")

PLAIN_KEYS = frozenset(
    {
        *("ds", "ds_nodash", "ts", "ts_nodash", "ts_nodash_with_tz", "next_ds", "next_ds_nodash", "prev_ds"),
        *("prev_ds_nodash", "tomorrow_ds", "tomorrow_ds_nodash", "yesterday_ds", "yesterday_ds_nodash"),
        *("expanded_ti_count", "inlets", "outlets", "params", "partition_key", "run_id", "task_instance_key_str"),
        *("task_reschedule_count", "templates_dict", "test_mode", "try_number"),
    }
)
"""Values of the context that another Python can be given as they are."""
DATE_KEYS = frozenset(
    {
        *("data_interval_start", "data_interval_end", "logical_date", "execution_date", "next_execution_date"),
        *("prev_execution_date", "prev_execution_date_success", "prev_data_interval_start_success"),
        *("prev_data_interval_end_success", "prev_start_date_success", "prev_end_date_success"),
    }
)
"""Values of the context that cross as text: only the other Python knows whether it has pendulum."""


class DeserializingResultError(ValueError):
    """The result of the other Python cannot be read here."""


@dataclass(frozen=True, slots=True)
class FunctionText:
    """A function without its decorators."""

    name: str
    source: str
    file: str
    first_line: int


def function_text(function: Callable[..., Any]) -> FunctionText:
    """What stands in the DAG file. Raises AirflowException for a function whose text cannot be found."""
    try:
        lines, start = inspect.getsourcelines(function)
    except (OSError, TypeError) as err:
        raise AirflowException(f"the source of {function.__name__}() cannot be found: {err}") from err
    text = textwrap.dedent("".join(lines))
    definition = ast.parse(text).body[0]
    source = "".join(text.splitlines(keepends=True)[definition.lineno - 1 :])
    return FunctionText(function.__name__, source, inspect.getfile(function), start + definition.lineno - 1)


def check_function(function: Any, what: str) -> None:
    """Raises ValueError for what has no text that stands for itself: lambdas, methods, generators."""
    if not inspect.isfunction(function) or function.__name__ == "<lambda>":
        raise ValueError(f"{what} takes a function made by `def`, not {function!r:.80}")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ValueError(f"{what}: {function.__name__}() must not use `yield`")


def arguments_for(
    function: Callable[..., Any], op_args: Sequence[Any], op_kwargs: Mapping[str, Any], context: Context
) -> tuple[dict[str, Any], dict[str, str]]:
    """(keyword arguments, dates as text): the task's own, and what the function asks of the context.

    Raises AirflowException when it needs something of the context that lives in this process only.
    """
    available = context.copied()
    available.update(op_kwargs)
    wanted = determine_kwargs(function, op_args, available)
    kwargs, dates = {}, {}
    for name, value in ((name, value) for name, value in wanted.items() if type(value) is not Later):
        if name in op_kwargs or name not in CONTEXT_KEYS:
            kwargs[name] = value
        elif name in DATE_KEYS and isinstance(value, datetime):
            dates[name] = value.isoformat()
        elif name in PLAIN_KEYS or value is None:
            kwargs[name] = dict(value) if name == "params" else value
        elif _must_be_given(function, name):
            raise AirflowException(
                f"{function.__name__}() asks for {name!r} of the context, which another Python cannot be given; "
                f"pass what it needs of it as an argument, for example x='{{{{ {name} }}}}'"
            )
    return kwargs, dates


def _must_be_given(function: Callable[..., Any], name: str) -> bool:
    parameter = inspect.signature(function).parameters.get(name)
    return parameter is not None and parameter.default is parameter.empty


def write_call(
    folder: Path,
    text: FunctionText,
    arguments: tuple[Sequence[Any], Mapping[str, Any]],
    dates: Mapping[str, str],
    serializer: str,
    string_args: Iterable[str] = (),
) -> None:
    """Everything that the other Python needs. Raises AirflowException for an argument that cannot be serialized."""
    call = {
        "function": text.name,
        "source": text.source,
        "file": text.file,
        "first_line": text.first_line,
        "serializer": serializer,
        "dates": dict(dates),
        "string_args": [str(value) for value in string_args],
    }
    (folder / "call.json").write_text(json.dumps(call), encoding="utf-8")
    args, kwargs = arguments
    (folder / "args.bin").write_bytes(_dumped(serializer_library(serializer), tuple(args), dict(kwargs)))
    shutil.copyfile(isolated_script.__file__, folder / SCRIPT)


def serializer_library(name: str) -> Any:
    """The module of that name. Raises MissingExtra."""
    with extra("venv", f"serializer={name!r}"):
        return importlib.import_module(name)


def _dumped(library: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    try:
        data: bytes = library.dumps((args, kwargs))
    except Exception as err:
        values = [*((f"argument {number}", value) for number, value in enumerate(args, 1)), *kwargs.items()]
        bad = [name for name, value in values if not _can_dump(library, value)]
        raise AirflowException(
            f"cannot serialize {', '.join(bad) or 'the arguments'} for another Python: {err}; pass plain values"
        ) from err
    return data


def _can_dump(library: Any, value: Any) -> bool:
    try:
        library.dumps(value)
    except Exception:
        return False
    return True


def read_result(folder: Path, serializer: str) -> Any:
    """What the function returned. Raises DeserializingResultError."""
    path = folder / "result.bin"
    if not path.exists():
        return None
    try:
        return serializer_library(serializer).loads(path.read_bytes())
    except Exception as err:
        raise DeserializingResultError(
            f"the result cannot be read here: {type(err).__name__}: {err}; return plain values"
        ) from err


def read_error(folder: Path) -> str | None:
    """The exception that ended the function, if one did."""
    path = folder / "error.txt"
    return path.read_text(encoding="utf-8") if path.exists() else None
