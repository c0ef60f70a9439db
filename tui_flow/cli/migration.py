"""What `tuiflow check` says of Airflow's files: whose defaults they mean, what of them has no meaning here, and why."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tui_flow.cli.show import count
from tui_flow.compat.airflow.missing import Missing, missing_imports
from tui_flow.compat.airflow.plugin_names import FAMILIES
from tui_flow.errors import BadInput
from tui_flow.loader.dialect import dialect_of
from tui_flow.settings import CoreSettings

Spec = Mapping[str, Any]
WHY_IGNORED = {
    "access_control": "there are no users and no teams here",
    "allow_nested_operators": "operators inside tasks are never refused",
    "default_view": "it belongs to Airflow's web pages",
    "disable_bundle_versioning": "a run keeps the version of the file that it started with",
    "executor": "all tasks run on this machine",
    "executor_config": "all tasks run on this machine",
    "full_filepath": "the file is where it is",
    "orientation": "it belongs to Airflow's web pages",
    "queue": "there is one queue: all tasks run on this machine",
    "rerun_with_latest_version": "`tuiflow clear --same-version` keeps the run's own, without it the newest runs",
    "resources": "all tasks share this machine; use a pool",
    "run_as_user": "all tasks run as you",
    "sla": "service levels ended with Airflow 2; use execution_timeout or dagrun_timeout",
    "sla_miss_callback": "service levels ended with Airflow 2; use dagrun_timeout and on_failure_callback",
}
"""Arguments that are accepted without effect."""
_DEFAULTS = {
    "airflow2": "Airflow 2's defaults (catchup, @daily covers the day before, UTC)",
    "airflow3": "Airflow 3's defaults (no catchup, @daily fires at midnight, UTC)",
}
_NAMED = 9
"""Providers that are named; `tuiflow providers` lists all."""


def dialect_words(specs: Iterable[Spec], source: bytes = b"", setting: str = "auto") -> str | None:
    """Whose defaults a file means, and why; None for files of tuiflow's own dialect. `source` and `setting` speak for a
    file without specs, as one that cannot be imported."""
    told = [(spec.get("dialect", ""), spec.get("dialect_reason", "")) for spec in specs] or [_told(source, setting)]
    for dialect, reason in told:
        if words := _DEFAULTS.get(dialect):
            return f"{words}: it {reason.partition(':')[0]}"
    return None


def _told(source: bytes, setting: str) -> tuple[str, str]:
    try:
        return dialect_of([source], setting)
    except BadInput:
        return "", ""


def ignored_arguments(specs: Iterable[Spec], tree: ast.AST | None = None) -> Iterator[dict[str, Any]]:
    """Each argument without effect: its name, the line that gives it first, and a message on where and why."""
    lines = _lines_of_keywords(tree) if tree is not None else {}
    for name, message in _ignored(specs):
        yield {"name": name, "line": lines.get(name), "message": message}


def _lines_of_keywords(tree: ast.AST) -> dict[str, int]:
    """Where each keyword argument, or key of a dict such as `default_args`, is given first."""
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            found[node.arg] = min(node.lineno, found.get(node.arg, node.lineno))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found[node.value] = min(node.lineno, found.get(node.value, node.lineno))
    return found


def _ignored(specs: Iterable[Spec]) -> Iterator[tuple[str, str]]:
    places: dict[str, list[str]] = defaultdict(list)
    for spec in specs:
        for name in spec.get("ignored", ()):
            places[name].append(f"DAG {spec['dag_id']!r}")
        tasks: dict[str, int] = defaultdict(int)
        for task in spec.get("tasks", ()):
            for name in task.get("ignored", ()):
                tasks[name] += 1
        for name, number in tasks.items():
            places[name].append(f"{count(number, 'task')} of DAG {spec['dag_id']!r}")
    for name, where in sorted(places.items()):
        why = WHY_IGNORED.get(name)
        yield name, f"{name} has no effect ({', '.join(where)})" + (f": {why}" if why else "")


def missing(tree: ast.Module, has_failed: bool, plugins: Collection[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """Imports of Airflow that are not served: feature, line and what to use instead.

    `cannot`: those in functions, which parsing does not meet; of a file that cannot be imported all, as its error names
    the first alone. `without`: those below `if` and `try`, where the file goes on without them. `plugins`: the names of
    Airflow's plugins, which serve more.
    """
    found = [each for each in missing_imports(tree) if not _is_plugins(each.name, plugins)]
    sure = [each for each in found if not each.is_optional and (has_failed or each.is_deferred)]
    return {
        "cannot": [_entry(each, each.advice) for each in sure],
        "without": [
            _entry(each, f"{each.advice} (below if or try: the file can do without it)")
            for each in found
            if each.is_optional
        ],
    }


def _entry(each: Missing, message: str) -> dict[str, Any]:
    return {"feature": each.name, "line": each.line, "message": message}


def _is_plugins(name: str, plugins: Collection[str]) -> bool:
    """Whether a plugin serves it: `airflow.operators.<plugin>`, and names of that."""
    parts = name.split(".")
    return f"airflow.{parts[1]}" in FAMILIES and len(parts) > 2 and parts[2] in plugins


def summary(reports: Iterable[Mapping[str, Any]], core: CoreSettings) -> dict[str, Any] | None:
    """Counts of Airflow's files, and who answers their imports; None where there are none."""
    theirs = [report for report in reports if report["dialect"]]
    if not theirs:
        return None
    stuck = [report for report in theirs if report["error"] is not None or report["cannot"]]
    return {
        "run": len(theirs) - len(stuck),
        "ignoring": sum(bool(report["ignored"]) and report not in stuck for report in theirs),
        "cannot": len(stuck),
        "start_paused": core.dags_are_paused_at_creation != "false",
        "answered_by": "the installed Airflow" if core.airflow_imports == "installed" else "tuiflow",
    }


def summary_words(
    reports: Iterable[Mapping[str, Any]], core: CoreSettings, providers: Callable[[], Sequence[str]] = tuple
) -> Iterator[str]:
    """What the report of a folder with Airflow's files ends in; `providers` are asked for with such files alone."""
    if (found := summary(reports, core)) is None:
        return
    yield (
        f"of Airflow's files {found['run']} can run ({found['ignoring']} with something ignored), "
        f"{found['cannot']} cannot"
    )
    if found["start_paused"]:
        yield "their DAGs start paused: a live Airflow may still run them"
    yield f"`import airflow` is answered by {found['answered_by']} ([core] airflow_imports = {core.airflow_imports})"
    if installed := providers():
        who = "those packages" if core.airflow_providers == "installed" else "tuiflow where it has the module"
        setting = f"[core] airflow_providers = {core.airflow_providers}"
        listed = ", ".join(installed[:_NAMED]) + (", ..." if len(installed) > _NAMED else "")
        yield f"imports of the installed providers ({listed}) are answered by {who} ({setting})"
