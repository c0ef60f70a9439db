"""All that is known of one task instance: how it stands, its tries, its rendered templates, its XComs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tui_flow.records import DagRun, TaskAttempt, TaskInstance, XCom
from tui_flow.spec import Json, TaskSpec
from tui_flow.tui.views import spans
from tui_flow.tui.views.log_rule import said_of_attempt, took_said
from tui_flow.tui.views.run_info import Fact, fact_of_xcom
from tui_flow.tui.views.tasks import TaskUse, next_try

RENDER = ("rendered", "")
"""The row that renders the templates when it is opened."""


@dataclass(frozen=True, slots=True)
class TaskInfo:
    run: DagRun
    task: TaskSpec | None
    """None: the run's version has it no more."""
    ti: TaskInstance | None
    attempts: Sequence[TaskAttempt] = ()
    """The oldest first."""
    xcoms: Sequence[XCom] = ()
    reasons: Sequence[str] = ()
    """Why it waits."""
    instances: int = 1
    """Of a mapped task."""
    usual_s: Sequence[float] = ()
    """How long it took in other runs."""


def task_facts(
    info: TaskInfo, rendered: Mapping[str, Json] | None, problem: str, at: datetime, is_utc: bool
) -> dict[str, list[Fact]]:
    """By section. `rendered` None: not asked for yet; `problem`: why it could not be."""
    return {
        "Task instance": _instance(info, at, is_utc),
        "Tries": [_try(attempt, at, is_utc) for attempt in reversed(info.attempts)],
        "Rendered templates": _rendered(info, rendered, problem),
        "XComs": [fact_of_xcom(row) for row in info.xcoms],
        "Task": _task(info.task),
    }


def _known(section: str, facts: Sequence[tuple[str, Json]]) -> list[Fact]:
    return [Fact((section, name), name, value) for name, value in facts if value not in (None, "", [], {})]


def _instance(info: TaskInfo, at: datetime, is_utc: bool) -> list[Fact]:
    ti = info.ti
    if ti is None:
        return [Fact(("ti", ""), "state", "it has no instance in this run yet")]
    dates = (ti.queued_at, ti.first_started_at, ti.started_at, ti.ended_at)
    queued, first, started, ended = (spans.stamp(date, is_utc) if date else None for date in dates)
    index = f"{ti.map_index} of {info.instances}" if ti.map_index >= 0 else None
    facts = _known(
        "ti",
        [
            ("state", str(ti.state)),
            ("reason", ti.reason),
            ("next try", next_try(ti, at).removeprefix("next try ")),
            ("map index", index),
            ("named", ti.rendered_map_index),
            ("try", f"{ti.try_number} of {ti.max_tries + 1}" if ti.try_number else None),
            ("pokes", ti.poke_count or None),
            ("queued", queued),
            ("first started", first if first != started else None),
            ("started", started),
            ("ended", ended),
            ("took", took_said(ti, info.usual_s, at)),
            ("note", ti.note),
        ],
    )
    return facts + [Fact(("why", nth), "waits" if not nth else "", why) for nth, why in enumerate(info.reasons)]


def _try(attempt: TaskAttempt, at: datetime, is_utc: bool) -> Fact:
    took = (
        f" · {spans.short((attempt.ended_at or at) - attempt.started_at, attempt.ended_at is not None)}"
        if attempt.started_at
        else ""
    )
    use = TaskUse(attempt.cpu_s, None, attempt.max_rss_bytes)
    started = spans.stamp(attempt.started_at or attempt.launched_at, is_utc)
    reason = attempt.kill_reason or attempt.reason
    said = f"{attempt.state} · {started}{took}{said_of_attempt(attempt, use)}" + (f" · {reason}" if reason else "")
    return Fact(("try", attempt.id), f"try {attempt.try_number}", said)


def _rendered(info: TaskInfo, rendered: Mapping[str, Json] | None, problem: str) -> list[Fact]:
    if info.task is None or not info.task.template_fields:
        return []
    if problem:
        return [Fact(RENDER, "not rendered", problem)]
    if rendered is None:
        names = ", ".join(info.task.template_fields)
        return [Fact(RENDER, names, "enter renders them for this run")]
    return [Fact(("field", name), name, value) for name, value in rendered.items()]


def _task(task: TaskSpec | None) -> list[Fact]:
    if task is None:
        return []
    timeout = f"{task.execution_timeout_s:g} s" if task.execution_timeout_s else None
    return _known(
        "task",
        [
            ("operator", task.operator),
            ("called", task.display_name if task.display_name != task.task_id else None),
            ("owner", task.owner),
            ("group", task.group),
            ("waits for", ", ".join(task.upstream)),
            ("trigger rule", str(task.trigger_rule)),
            ("pool", f"{task.pool}, {task.pool_slots} slot{'s' * (task.pool_slots != 1)}"),
            ("priority", task.priority_weight),
            ("retries", f"{task.retries}, {task.retry_delay_s:g} s apart" if task.retries else None),
            ("timeout", timeout),
            ("depends on past", "yes" if task.depends_on_past else None),
            ("callbacks", ", ".join(str(kind) for kind in task.callbacks)),
            ("makes", ", ".join(_named(asset) for asset in task.outlets)),
            ("reads", ", ".join(_named(asset) for asset in task.inlets)),
            ("ignored here", ", ".join(task.ignored)),
        ],
    )


def _named(asset: Json) -> str:
    return str(asset.get("name") or asset.get("uri") or "an asset") if isinstance(asset, Mapping) else str(asset)
