"""What running tasks ask about assets: events of their inlets, what triggered their run, an asset by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tui_flow.asset_records import AssetEventRow
from tui_flow.records import TaskAttempt
from tui_flow.scheduler.workloads import facts_of
from tui_flow.spec import Json
from tui_flow.store.reader import Reads

Args = Mapping[str, Any]


def asset_events(reads: Reads, _attempt: TaskAttempt, args: Args) -> Json:
    return [_told(reads, event) for event in reads.asset_events(args["which"])]


def triggering_asset_events(reads: Reads, attempt: TaskAttempt, _args: Args) -> Json:
    return events_of_run(reads, attempt.run)


def events_of_run(reads: Reads, run: int) -> list[Json]:
    """The events that made a run, as its tasks read them."""
    return [_told(reads, event) for event in reads.events_of_run(run)]


def find_asset(reads: Reads, _attempt: TaskAttempt, args: Args) -> Json:
    found = reads.active_asset(args["name"], args["uri"])
    if found is None:
        return None
    return {"name": found.name, "uri": found.uri, "group": found.group, "extra": dict(found.extra)}


def _told(reads: Reads, event: AssetEventRow) -> Json:
    source = event.source or {}
    run = reads.run(source["dag_id"], source["run_id"]) if "run_id" in source else None
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "name": event.asset.name,
        "uri": event.asset.uri,
        "group": event.asset.group,
        "extra": dict(event.extra),
        "aliases": list(event.aliases),
        "source": dict(source),
        "run": asdict(facts_of(run)) if run else None,
    }
