"""Logical dates along a DAG's schedule: `next_ds` and `prev_ds` of Airflow 2, `dag.following_schedule(...)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from tui_flow.errors import NotPossible
from tui_flow.sdk.dag_run import DagRunView
from tui_flow.sdk.moments import moment
from tui_flow.sdk.templating import ds_filter, ds_nodash_filter


def schedule_beside(dag: Any, at: datetime, step: str) -> Any:
    """The next logical date after `at` (`step` is "after") or the last one before it ("before"); None where the DAG
    has no such schedule. Raises NotPossible while its file is being imported."""
    if dag.timetable is None:
        raise NotPossible(f"the dates beside {at} can be asked for once DAG {dag.dag_id!r} is loaded: inside a task")
    steps = getattr(dag.timetable, "steps", None)
    return None if steps is None else moment(getattr(steps, step)(moment(at)))


def dates_beside(dag: Any, dag_run: DagRunView) -> Mapping[str, Callable[[], Any]]:
    """By Airflow 2's names. A run that somebody asked for stands on no schedule: both are its own date."""
    made: dict[str, Callable[[], Any]] = {}
    for word, step in (("next", "after"), ("prev", "before")):
        made[f"{word}_execution_date"] = date = partial(_beside, dag, dag_run, step)
        made[f"{word}_ds"] = partial(_text_of, date, ds_filter)
        made[f"{word}_ds_nodash"] = partial(_text_of, date, ds_nodash_filter)
    return made


def _beside(dag: Any, dag_run: DagRunView, step: str) -> Any:
    at = dag_run.logical_date
    is_alone = at is None or dag_run.external_trigger or dag.timetable is None
    return at if is_alone else schedule_beside(dag, at, step)


def _text_of(date: Callable[[], Any], text_of: Callable[[Any], str | None]) -> str | None:
    return text_of(date())
