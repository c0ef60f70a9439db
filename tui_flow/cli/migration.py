"""What `tuiflow check` says of Airflow's files: whose defaults they mean, what of them has no meaning here, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tui_flow.cli.show import count
from tui_flow.settings import CoreSettings

Spec = Mapping[str, Any]
WHY_IGNORED = {
    "access_control": "there are no users here",
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


def dialect_words(specs: Iterable[Spec]) -> str | None:
    """Whose defaults a file means, and why; None for files of tuiflow's own dialect."""
    for spec in specs:
        if words := _DEFAULTS.get(spec.get("dialect", "")):
            reason = spec.get("dialect_reason", "").partition(":")[0]
            return f"{words}: it {reason}"
    return None


def ignored_words(specs: Iterable[Spec]) -> Iterator[str]:
    """One line for each argument without effect: where it stands and why it has none."""
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
        yield f"{name} has no effect ({', '.join(where)})" + (f": {why}" if why else "")


def summary_words(
    reports: Iterable[Mapping[str, Any]], core: CoreSettings, providers: Callable[[], Sequence[str]] = tuple
) -> Iterator[str]:
    """What the report of a folder with Airflow's files ends in; `providers` are asked for with such files alone."""
    theirs = [report for report in reports if report["dialect"] or "AirflowImportError" in (report["error"] or "")]
    if not theirs:
        return
    failed = sum(report["error"] is not None for report in theirs)
    ignoring = sum(report["error"] is None and bool(report["ignored"]) for report in theirs)
    runs = len(theirs) - failed
    yield f"of Airflow's files {runs} can run ({ignoring} with something ignored), {failed} cannot"
    if core.dags_are_paused_at_creation != "false":
        yield "their DAGs start paused: a live Airflow may still run them"
    who = "the installed Airflow" if core.airflow_imports == "installed" else "tuiflow"
    yield f"`import airflow` is answered by {who} ([core] airflow_imports = {core.airflow_imports})"
    if installed := providers():
        who = "those packages" if core.airflow_providers == "installed" else "tuiflow where it has the module"
        setting = f"[core] airflow_providers = {core.airflow_providers}"
        listed = ", ".join(installed[:_NAMED]) + (", ..." if len(installed) > _NAMED else "")
        yield f"imports of the installed providers ({listed}) are answered by {who} ({setting})"
