"""`airflow.utils.python_virtualenv`: a function as a script that another Python runs, as `@task.docker` needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tui_flow.operators.isolated_call import SERIALIZERS, serializer_library

_SCRIPT = """\
import sys
import {library}

{source}
arguments = {{"args": [], "kwargs": {{}}}}
if {has_arguments}:
    with open(sys.argv[1], "rb") as file:
        arguments = {library}.load(file)
if {has_strings}:
    with open(sys.argv[3]) as file:
        virtualenv_string_args = [line.strip() for line in file]
try:
    result = {function}(*arguments["args"], **arguments["kwargs"])
except Exception as err:
    with open(sys.argv[4], "w") as file:
        file.write(str(err))
    raise
with open(sys.argv[2], "wb") as file:
    if result is not None:
        {library}.dump(result, file)
"""


def write_python_script(
    jinja_context: Mapping[str, Any], filename: str, render_template_as_native_obj: bool = False
) -> None:
    """A script called with the paths of its arguments, its result, its text arguments and its error."""
    text = _SCRIPT.format(
        library=jinja_context["pickling_library"],
        source=jinja_context["python_callable_source"],
        function=jinja_context["python_callable"],
        has_arguments=bool(jinja_context["op_args"] or jinja_context["op_kwargs"]),
        has_strings=bool(jinja_context.get("string_args_global", True)),
    )
    Path(filename).write_text(text, encoding="utf-8")


def remove_task_decorator(python_source: str, task_decorator_name: str) -> str:
    """A function's source without the lines of one decorator."""
    import ast  # 5 ms; few ask

    wanted = task_decorator_name.lstrip("@")
    lines = python_source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(python_source)):
        for decorator in getattr(node, "decorator_list", ()):
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if ast.unparse(called) == wanted:
                lines[decorator.lineno - 1 : decorator.end_lineno] = [""] * (
                    decorator.end_lineno - decorator.lineno + 1
                )
    return "".join(lines)


class _Serializers(Mapping[str, Any]):
    """Modules by name, imported when asked for."""

    def __getitem__(self, name: str) -> Any:
        if name not in SERIALIZERS:
            raise KeyError(name)
        return serializer_library(name)

    def __iter__(self) -> Iterator[str]:
        return iter(SERIALIZERS)

    def __len__(self) -> int:
        return len(SERIALIZERS)


SERIALIZER_MODULES = _Serializers()
