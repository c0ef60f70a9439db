"""Verbs on assets: record an update that no task made, and run the DAG that makes one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tui_flow.actions.plan import Plan, find_dag, read_date
from tui_flow.actions.runs import trigger
from tui_flow.asset_records import AssetRow
from tui_flow.errors import BadInput, NotFound, NotPossible, did_you_mean
from tui_flow.spec import Json
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer


def find_asset(reads: Reads, word: str) -> AssetRow:
    """By name, else by URI. Raises NotFound, or BadInput for a URI that several assets have."""
    found = reads.assets_named(word)
    named = [asset for asset in found if asset.name == word] or found
    if len(named) > 1:
        raise BadInput(f"several assets have the URI {word!r}: {', '.join(asset.name for asset in named)}; use a name")
    if not named:
        known = [asset.name for asset in reads.assets()]
        raise NotFound(f"no asset {word!r}{did_you_mean(word, known)}; `tuiflow assets list` shows them")
    return named[0]


def record_asset_event(reads: Reads, now: datetime, *, asset: str, extra: Mapping[str, Json] | None = None) -> Plan:
    """An update of an asset that came from elsewhere. Answer: its name and URI, and the DAGs that it is queued for."""
    found = find_asset(reads, asset)
    waiting = sorted({ref.dag_id for ref in reads.references_to(found) if ref.role == "schedule"})
    named = {"kind": "asset", "name": found.name, "uri": found.uri, "group": found.group, "extra": dict(found.extra)}
    event = {"asset": named, "extra": dict(extra or {}), "alias": None}

    return Plan(
        {"name": found.name, "uri": found.uri, "queued_for": waiting},
        write=lambda writer: _record(writer, event, now),
    )


def materialize_asset(
    reads: Reads, now: datetime, *, asset: str, dag_id: str | None = None, conf: Mapping[str, Json] | None = None
) -> Plan:
    """Queue a run of the DAG whose task has the asset as an outlet. Answer: that of `trigger`."""
    if dag_id is not None:
        find_dag(reads, dag_id)
    found = find_asset(reads, asset)
    makers = sorted({ref.dag_id for ref in reads.references_to(found) if ref.role == "outlet"})
    if not makers:
        raise NotPossible(
            f"no DAG makes the asset {found.name!r}; `tuiflow assets event` records an update from elsewhere"
        )
    if dag_id is not None and dag_id not in makers:
        raise BadInput(f"DAG {dag_id!r} does not make the asset {found.name!r}; {', '.join(makers)} do")
    if dag_id is None and len(makers) > 1:
        raise BadInput(f"several DAGs make the asset {found.name!r}: {', '.join(makers)}; name one with --dag")
    return trigger(reads, now, dag_id=dag_id or makers[0], conf=conf, triggered_by=f"asset {found.name}")


def clean_asset_events(reads: Reads, now: datetime, *, before: str) -> Plan:
    """Remove some updates from before an instant; ask again until the answer is that none was `removed`."""
    limit = read_date(before, "before")
    assert limit is not None, "given"
    return Plan({}, write=lambda writer: {"removed": writer.clean_asset_events(limit)})


def _record(writer: Writer, event: Mapping[str, Json], now: datetime) -> None:
    writer.record_asset_events([event], {"by": "hand"}, now)
