"""Runs one function in a Python of its own: copied beside the call and started there, without tuiflow.

Reads `call.json` and `args.bin` of its folder and leaves `result.bin`, or `error.txt` and exit code 1. It must run on
every Python since 3.7, so it uses nothing but the standard library of then.
"""

from __future__ import annotations
import __future__

import datetime
import importlib
import json
import os
import sys
import traceback
from typing import Any


def main(folder: str) -> None:
    call = _read_call(folder)
    library = importlib.import_module(call["serializer"])
    args, kwargs = _read_arguments(folder, library)
    kwargs.update((name, _date(text)) for name, text in call["dates"].items())
    names = {"__name__": "tui_flow_isolated", "virtualenv_string_args": call["string_args"]}
    try:
        exec(_compiled(call), names)
        result = _called(names[call["function"]], args, kwargs)
        _write_result(folder, library, result)
    except Exception as err:
        traceback.print_exc()
        with open(os.path.join(folder, "error.txt"), "w", encoding="utf-8") as file:
            file.write(f"{type(err).__name__}: {err}")
        sys.exit(1)


def _read_call(folder: str) -> Any:
    with open(os.path.join(folder, "call.json"), encoding="utf-8") as file:
        return json.load(file)


def _read_arguments(folder: str, library: Any) -> Any:
    with open(os.path.join(folder, "args.bin"), "rb") as file:
        return library.loads(file.read())


def _compiled(call: Any) -> Any:
    """The function at its own line numbers; its annotations stay text, they may name what only the DAG file has."""
    text = "\n" * (call["first_line"] - 1) + call["source"]
    return compile(text, call["file"], "exec", flags=__future__.annotations.compiler_flag)


def _date(text: str) -> Any:
    """A pendulum datetime where this Python has pendulum, as in other tasks; else one of the standard library."""
    try:
        import pendulum
    except ImportError:
        return datetime.datetime.fromisoformat(text)
    return pendulum.parse(text)


def _called(function: Any, args: Any, kwargs: Any) -> Any:
    result = function(*args, **kwargs)
    if not hasattr(result, "__await__"):
        return result
    import asyncio

    return asyncio.run(_awaited(result))


async def _awaited(result: Any) -> Any:
    return await result


def _write_result(folder: str, library: Any, result: Any) -> None:
    data = library.dumps(result)
    with open(os.path.join(folder, "result.bin"), "wb") as file:
        file.write(data)


if __name__ == "__main__":
    main(os.path.dirname(os.path.abspath(__file__)))
