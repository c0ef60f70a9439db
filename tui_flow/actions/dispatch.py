"""From a verb's name and arguments to its plan, and to the deed: once per request, with a line in the audit trail."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from tui_flow.actions import answers, assets, backfills, dags, imports, retention, runs, settings, tasks, xcoms
from tui_flow.actions.plan import Plan
from tui_flow.errors import BadInput, NotPossible, did_you_mean
from tui_flow.planner.decisions import Decision
from tui_flow.spec import Json
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer

VERBS: dict[str, Callable[..., Plan]] = {
    verb.__name__: verb
    for verb in (
        runs.trigger,
        runs.mark_run,
        runs.cancel_run,
        runs.delete_run,
        runs.note_run,
        tasks.clear,
        tasks.mark_task,
        tasks.kill,
        answers.answer,
        tasks.note_task,
        tasks.delete_xcom,
        xcoms.set_xcom,
        dags.pause_dag,
        dags.delete_dag,
        dags.reparse,
        backfills.create_backfill,
        backfills.pause_backfill,
        backfills.cancel_backfill,
        settings.set_pool,
        settings.delete_pool,
        settings.set_variable,
        settings.delete_variable,
        settings.set_connection,
        settings.delete_connection,
        imports.import_variables,
        imports.import_connections,
        imports.import_pools,
        retention.clean_runs,
        retention.clean_events,
        assets.record_asset_event,
        assets.materialize_asset,
        assets.clean_asset_events,
    )
}
LONGEST_IN_TRAIL = 4000
"""Characters of an answer that the audit trail keeps whole; of longer ones it keeps the counts."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: the answer for the user, and what a scheduler must look at again."""

    answer: Json
    decisions: Sequence[Decision] = ()
    """All of them took effect."""
    dag_ids: frozenset[str] = field(default_factory=frozenset)
    runs: frozenset[int] = field(default_factory=frozenset)
    """Numbers of the runs that changed or are new."""
    is_repeat: bool = False
    """The request had been performed before: nothing was done, this is the first answer."""


def preview(verb: str, args: Mapping[str, Json], reads: Reads, now: datetime) -> Json:
    """The answer that `perform` would give, from the same plan; nothing is changed."""
    return _plan(verb, args, reads, now).answer


def perform(
    verb: str,
    args: Mapping[str, Json],
    writer: Writer,
    now: datetime,
    *,
    request_id: str | None = None,
    who: str = "",
) -> Done:
    """Do what a user asks for, in one transaction with its line in the audit trail and its stored answer.

    A request id that is known gets the answer that it got before. Raises TuiflowErrors, then with nothing changed.
    """
    with writer.transaction():
        known = writer.reads.answer(request_id) if request_id else None
        if known is not None:
            if known[0] != verb:
                raise BadInput(f"request {request_id!r} was for {known[0]!r}; use a new id for {verb!r}")
            return Done(known[1], is_repeat=True)
        plan = _plan(verb, args, writer.reads, now)
        answer = plan.answer | (plan.write(writer) or {}) if plan.write else plan.answer
        applied = writer.apply(plan.decisions, now)
        if not applied.is_complete:
            raise NotPossible(f"{verb}: the state changed meanwhile; nothing was done, try again")
        writer.add_event(who, verb, now, plan.subject, request_id, plan.before, _for_trail(answer))
        if request_id:
            writer.store_answer(request_id, verb, answer, now)
    new_runs = frozenset(run for _, run in applied.created)
    return Done(answer, tuple(plan.decisions), _dag_ids(plan), _runs(plan) | new_runs)


def _plan(verb: str, args: Mapping[str, Json], reads: Reads, now: datetime) -> Plan:
    function = VERBS.get(verb)
    if function is None:
        raise BadInput(f"there is no verb {verb!r}{did_you_mean(verb, VERBS)}")
    hints = _parameters(function)
    for name, value in args.items():
        if name not in hints:
            raise BadInput(f"{verb} has no argument {name!r}{did_you_mean(name, hints)}")
        if not _fits(value, hints[name][0]):
            raise BadInput(f"{verb}: {name} cannot be {value!r:.100}")
    for name, (_, is_needed) in hints.items():
        if is_needed and name not in args:
            raise BadInput(f"{verb} needs {name}")
    return function(reads, now, **args)


@cache
def _parameters(function: Callable[..., Plan]) -> dict[str, tuple[Any, bool]]:
    """Name -> (type, must be given)."""
    hints = get_type_hints(function)
    found = inspect.signature(function).parameters.values()
    return {p.name: (hints[p.name], p.default is p.empty) for p in found if p.kind is p.KEYWORD_ONLY}


def _fits(value: Json, hint: Any) -> bool:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return any(_fits(value, each) for each in inner)
    if origin is list:
        return isinstance(value, list) and all(_fits(item, inner[0]) for item in value)
    if origin is Mapping:
        return isinstance(value, dict)
    return isinstance(value, hint) and not (hint is int and isinstance(value, bool))


def _dag_ids(plan: Plan) -> frozenset[str]:
    named = {getattr(decision, "dag_id", None) for decision in plan.decisions} | {plan.subject.get("dag_id")}
    return frozenset(dag_id for dag_id in named if dag_id is not None)


def _runs(plan: Plan) -> frozenset[int]:
    runs = {getattr(decision, "run", None) for decision in plan.decisions}
    runs |= {decision.key.run for decision in plan.decisions if getattr(decision, "key", None) is not None}  # type: ignore[union-attr]
    return frozenset(run for run in runs if run is not None)


def _for_trail(answer: Json) -> Json:
    if not isinstance(answer, dict) or len(json.dumps(answer)) <= LONGEST_IN_TRAIL:
        return answer
    return {name: len(value) if isinstance(value, list) else value for name, value in answer.items()}
