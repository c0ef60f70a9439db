"""The arguments of a DAG, checked and brought into one form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from tui_flow.errors import BadDag, did_you_mean
from tui_flow.sdk.xcom_arg import NOTSET
from tui_flow.state import RunType

MAX_TAG_LENGTH = 100
RETIRED_SCHEDULES = ("schedule_interval", "timetable")


def schedule_of(schedule: Any, retired: Mapping[str, Any]) -> Any:
    """The one schedule among `schedule` and Airflow 2's `schedule_interval` and `timetable`; NOTSET when none is given.

    Raises ValueError when there are several.
    """
    given = {name: value for name, value in {"schedule": schedule, **retired}.items() if value is not NOTSET}
    if len(given) > 1:
        raise ValueError(f"give one schedule, not {', '.join(given)}; `schedule` takes them all")
    return next(iter(given.values()), NOTSET)


def tags_of(dag_id: str, tags: Collection[str] | None) -> set[str]:
    if isinstance(tags, str):
        raise BadDag(f"DAG {dag_id!r}: tags must be a list, not the text {tags!r}; write tags=[{tags!r}]")
    found = set(tags or ())
    for tag in found:
        if not isinstance(tag, str) or len(tag) > MAX_TAG_LENGTH:
            raise BadDag(f"DAG {dag_id!r}: tag {tag!r:.60} must be text of at most {MAX_TAG_LENGTH} characters")
    return found


def timeout_of(dag_id: str, value: Any) -> timedelta | None:
    if value is None or isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return timedelta(seconds=value)
    raise BadDag(f"DAG {dag_id!r}: dagrun_timeout must be a timedelta, not {value!r}")


def default_args_of(dag_id: str, given: Any) -> dict[str, Any]:
    """A copy. Raises BadDag for what is no mapping."""
    if not isinstance(given, Mapping | None):
        raise BadDag(f"DAG {dag_id!r}: default_args must be a dict, not {given!r:.60}")
    return dict(given or {})


def one_of(dag_id: str, name: str, value: Any, known: tuple[str, ...]) -> str:
    """Raises BadDag for another word."""
    if value not in known:
        hint = did_you_mean(str(value), known)
        raise BadDag(f"DAG {dag_id!r}: {name} must be {', '.join(known[:-1])} or {known[-1]}, not {value!r}{hint}")
    return str(value)


def run_types_of(dag_id: str, run_types: Any) -> tuple[str, ...]:
    """The types of runs that the DAG may have; none named: all. Raises BadDag for an unknown one."""
    given = [run_types] if isinstance(run_types, str) else list(run_types or ())
    known = sorted(str(run_type) for run_type in RunType)
    for run_type in map(str, given):
        if run_type not in known:
            raise BadDag(
                f"DAG {dag_id!r}: allowed_run_types has {run_type!r}{did_you_mean(run_type, known)}; "
                f"there are {', '.join(known)}"
            )
    return tuple(sorted(map(str, given)))


def documentation_of(doc_md: str | None, folder: str) -> str | None:
    """The text itself, or that of the file it names (`.md`, relative to the DAG file)."""
    if doc_md is None or not doc_md.strip().endswith(".md") or "\n" in doc_md.strip():
        return doc_md
    try:
        return (Path(folder) / doc_md.strip()).read_text(encoding="utf-8")
    except OSError:
        return doc_md
