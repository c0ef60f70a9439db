"""What `tuiflow check` says of Airflow's plugins: their names, and what of them has no effect. Read, not imported."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tui_flow.loader.dialect import parse_source
from tui_flow.loader.plugin_modules import plugin_files
from tui_flow.loader.plugins import folders_beside
from tui_flow.loader.sources import on_disk

_PAGES = "there are no web pages"
WHY_IGNORED = {
    "admin_views": _PAGES,
    "appbuilder_menu_items": _PAGES,
    "appbuilder_views": _PAGES,
    "executors": "tuiflow runs tasks itself ([core] executor)",
    "external_views": _PAGES,
    "fastapi_apps": _PAGES,
    "fastapi_root_middlewares": _PAGES,
    "flask_blueprints": _PAGES,
    "global_operator_extra_links": _PAGES,
    "listeners": "they are not called; use callbacks, or a notifier",
    "menu_links": _PAGES,
    "operator_extra_links": _PAGES,
    "react_apps": _PAGES,
}


def plugins_beside(dags_folder: Path) -> list[dict[str, Any]]:
    """Each plugin in the plugins folders: its file, name and what is ignored of it."""
    folders = dict.fromkeys(["plugins", *folders_beside(dags_folder)])
    return [
        {"file": f"{folder}/{path.relative_to(root)}", **plugin}
        for folder in folders
        for root in [Path(on_disk(dags_folder, folder))]
        for path in plugin_files(root)
        for plugin in _plugins_in(parse_source(path.read_bytes()))
    ]


def plugin_lines(plugins: Iterable[dict[str, Any]]) -> Iterator[str]:
    for plugin in plugins:
        for each in plugin["ignored"]:
            yield f"{plugin['file']}: line {each['line']}: {each['message']}"


def _plugins_in(tree: ast.Module | None) -> Iterator[dict[str, Any]]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("AirflowPlugin") for base in node.bases):
            given = dict(_attributes(node))
            name = given.get("name")
            said = str(name.value) if isinstance(name, ast.Constant) else node.name
            ignored = [
                {
                    "name": attribute,
                    "line": value.lineno,
                    "message": f"plugin {said!r} gives {attribute}, without effect: {WHY_IGNORED[attribute]}",
                }
                for attribute, value in given.items()
                if attribute in WHY_IGNORED and not _is_empty(value)
            ]
            yield {"name": said, "ignored": ignored}


def _attributes(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            yield from ((target.id, statement.value) for target in statement.targets if isinstance(target, ast.Name))
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            yield statement.target.id, statement.value


def _is_empty(value: ast.expr) -> bool:
    return isinstance(value, ast.List | ast.Tuple) and not value.elts
