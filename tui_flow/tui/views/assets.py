"""Assets: who makes each and who waits for it, its last events, and what a sheet would do with it. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tui_flow.asset_records import AssetEventRow, AssetReference, AssetRow
from tui_flow.spec import Json
from tui_flow.tui.palette import BOLD, DIM, Palette
from tui_flow.tui.text import Piece, Row, columns, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.deeds import Deed, command

NAMED = 3
"""Of many DAGs so many are named in the list."""


@dataclass(frozen=True, slots=True)
class AssetFacts:
    asset: AssetRow
    references: Sequence[AssetReference] = ()
    events: Sequence[AssetEventRow] = ()
    """The newest, of an asset that is opened."""

    def dags(self, role: str) -> list[str]:
        return sorted({ref.dag_id for ref in self.references if ref.role == role})


MAKES, READS, WAITS = "outlet", "inlet", "schedule"


def asset_rows(
    facts: Sequence[AssetFacts], opened: Collection[int], look: Palette, at: datetime, is_utc: bool, width: int
) -> list[Row]:
    rows: list[Row] = []
    for each in facts:
        rows.append(_asset(each, look, at, is_utc, width))
        if each.asset.id in opened:
            rows += [
                Row((each.asset.id, nth), line, can_select=False)
                for nth, line in enumerate(_opened(each, look, at, is_utc))
            ]
    return rows


def asset_heading(width: int) -> str:
    name, dags = _widths(width)
    listed = [("Asset", None, name), ("Made by", None, dags), ("Starts", None, dags), ("Last event", None, 14)]
    return "  " + "".join(text for text, _ in columns(listed))


def _widths(width: int) -> tuple[int, int]:
    name = 30 if width >= 100 else 20
    return name, max((width - name - 20) // 2, 10)


def _asset(facts: AssetFacts, look: Palette, at: datetime, is_utc: bool, width: int) -> Row:
    name, dags = _widths(width)
    last = facts.asset.last_event_at
    pieces = columns(
        [
            (plain(facts.asset.name), BOLD, name),
            (_some(facts.dags(MAKES)), None, dags),
            (_some(facts.dags(WAITS)), None, dags),
            (spans.clock(last, at, is_utc) if last else "never", None if last else DIM, 14),
        ]
    )
    return Row(facts.asset.id, ((" ", None), *pieces))


def _some(dag_ids: Sequence[str]) -> str:
    more = f" +{len(dag_ids) - NAMED}" if len(dag_ids) > NAMED else ""
    return plain(", ".join(dag_ids[:NAMED])) + more if dag_ids else "-"


def _opened(facts: AssetFacts, look: Palette, at: datetime, is_utc: bool) -> list[tuple[Piece, ...]]:
    lines: list[tuple[Piece, ...]] = [(("     uri      ", DIM), (plain(facts.asset.uri), None))]
    for word, role in (("made by", MAKES), ("read by", READS), ("starts", WAITS)):
        for ref in facts.references:
            if ref.role == role:
                task = look.line(f" ▸ {plain(ref.task_id)}") if ref.task_id else ""
                lines.append(((f"     {word:8} ", DIM), (plain(ref.dag_id) + task, None)))
    for event in facts.events:
        lines.append(((f"     {spans.stamp(event.at, is_utc)}  ", DIM), (_source(event, look), None)))
    if not facts.events:
        lines.append((("     no event yet: A records one, t runs a DAG that makes it", DIM),))
    return lines


def _source(event: AssetEventRow, look: Palette) -> str:
    source = event.source or {}
    if source.get("dag_id"):
        words = [plain(source[name]) for name in ("dag_id", "run_id", "task_id") if source.get(name)]
        text = look.line(" ▸ ").join(words)
    else:
        text = f"by {plain(source['by'])}" if source.get("by") else "from elsewhere"
    return text + (f"  {plain(json.dumps(dict(event.extra)))}" if event.extra else "")


# -- deeds


def event_deed(asset: str, extra: Mapping[str, Json]) -> Deed:
    line = command("assets", "event", asset)
    line += f" --extra {shlex.quote(json.dumps(dict(extra)))}" if extra else ""
    return Deed("record_asset_event", {"asset": asset, "extra": dict(extra)}, line)


def materialize_deed(asset: str, dag_id: str, conf: Mapping[str, Json]) -> Deed:
    words: list[object] = ["assets", "materialize", asset, "--dag", dag_id]
    words += ["--conf", json.dumps(dict(conf))] if conf else []
    return Deed("materialize_asset", {"asset": asset, "dag_id": dag_id, "conf": dict(conf)}, command(*words))
