from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import tui_flow

SOURCE = Path(tui_flow.__file__)


def test_what_authors_import_is_light() -> None:
    program = "import sys; from tui_flow import DAG, task; print(len(sys.modules)); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(SOURCE.parents[1])!r}); {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    count, names = done.stdout.splitlines()
    heavy = {"textual", "typer", "sqlite_utils", "jinja2", "pendulum", "jsonschema", "rich", "croniter", "sqlite3"}
    assert int(count) < 250
    assert not heavy & set(names.split())


def test_every_exported_name_is_there() -> None:
    for name in dir(tui_flow):
        assert getattr(tui_flow, name) is not None or name.startswith("__")


def test_a_star_imports_all_of_them() -> None:
    found: dict[str, object] = {}
    exec("from tui_flow import *", found)
    assert found.keys() >= {"DAG", "task", "BashOperator", "macros"}


def test_type_checkers_are_told_the_same_names() -> None:
    stub = ast.parse(SOURCE.with_suffix(".pyi").read_text())
    typed = {alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert typed == {*tui_flow._MODULE_OF, *tui_flow._MODULES}  # type: ignore[attr-defined]
