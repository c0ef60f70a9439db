"""What one run was given and what it made: its facts, conf, the asset events behind it, its XComs."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

from tui_flow.asset_records import AssetEventRow
from tui_flow.records import DagRun, XCom
from tui_flow.spec import Json
from tui_flow.tui import palette
from tui_flow.tui.text import Row, fit, plain
from tui_flow.tui.views import spans

MOST_XCOMS = 300
_SPILLED = '{"$file":'


@dataclass(frozen=True, slots=True)
class RunInfo:
    run: DagRun
    params: Sequence[tuple[str, Json]]
    """Defaults of the DAG with the run's conf over them."""
    events: Sequence[AssetEventRow]
    xcoms: Sequence[XCom]


@dataclass(frozen=True, slots=True)
class Fact:
    key: Hashable
    name: str
    value: Json
    kind: str = ""

    @property
    def text(self) -> str:
        """On one line."""
        return self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False)

    @property
    def whole(self) -> str:
        """On as many lines as it has."""
        return self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False, indent=2)


def facts_of(info: RunInfo, is_utc: bool) -> dict[str, list[Fact]]:
    """By section; sections without facts are there and empty."""
    xcoms = [fact_of_xcom(row) for row in info.xcoms[:MOST_XCOMS]]
    if len(info.xcoms) > MOST_XCOMS:
        xcoms.append(Fact("more", "", f"only the first {MOST_XCOMS} are shown; `tuiflow xcom list` prints all"))
    return {
        "Run": _run(info.run, is_utc),
        "Conf": [Fact(("conf", name), name, value) for name, value in info.run.conf.items()],
        "Params": [Fact(("param", name), name, value) for name, value in info.params],
        "Made by these asset events": [_fact_of_event(event, is_utc) for event in info.events],
        "XComs": xcoms,
    }


def _run(run: DagRun, is_utc: bool) -> list[Fact]:
    dates = (run.logical_date, run.data_interval_start, run.data_interval_end, run.run_after, run.queued_at)
    logical, start, end, due, queued = (spans.stamp(date, is_utc) if date else None for date in dates)
    known = (
        ("run id", run.run_id),
        ("type", str(run.run_type)),
        ("state", str(run.state)),
        ("reason", run.reason),
        ("note", run.note),
        ("logical date", logical),
        ("data interval", f"{start} to {end}" if start and end else None),
        ("due", due),
        ("queued", queued),
        ("started", spans.stamp(run.started_at, is_utc) if run.started_at else None),
        ("ended", spans.stamp(run.ended_at, is_utc) if run.ended_at else None),
        ("triggered by", run.triggered_by),
        ("backfill", run.backfill_id),
        ("cleared", f"{run.clear_number} times" if run.clear_number else None),
        ("version", run.spec_version),
        ("source version", run.source_version),
    )
    return [Fact(("run", name), name, value) for name, value in known if value not in (None, "")]


def _fact_of_event(event: AssetEventRow, is_utc: bool) -> Fact:
    said = {"at": spans.stamp(event.at, is_utc), "extra": dict(event.extra), "source": event.source}
    return Fact(("asset", event.id), event.asset.name, {name: value for name, value in said.items() if value})


def fact_of_xcom(row: XCom) -> Fact:
    name = row.task_id + (f"[{row.map_index}]" if row.map_index >= 0 else "") + f" · {row.key}"
    key = ("xcom", row.task_id, row.map_index, row.key)
    if row.value.startswith(_SPILLED):
        return Fact(key, name, "large; it is kept in a file; `tuiflow xcom get` prints it", "file")
    value = json.loads(row.value)
    if isinstance(value, dict) and "$t" in value:  # a value that JSON has no type for: its type and content
        return Fact(key, name, value["v"], str(value.get("c", value["$t"])).rpartition(".")[2])
    return Fact(key, name, value, type(value).__name__)


def run_info_rows(sections: dict[str, list[Fact]], opened: Collection[Hashable], width: int) -> list[Row]:
    rows: list[Row] = []
    for title, facts in sections.items():
        if facts:
            rows.append(Row(("title", title), ((f" {title}", palette.BOLD),), can_select=False))
        for fact in facts:
            rows += _rows_of(fact, fact.key in opened, min(40, max(width // 3, 16)))
    return rows


def _rows_of(fact: Fact, is_open: bool, room: int) -> list[Row]:
    lines = fact.whole.splitlines() if is_open else []
    kind = f"{fit(plain(fact.kind), 8)} " if fact.kind else ""
    said = f"{len(lines)} lines" if len(lines) > 1 else plain(fact.text)
    head = ((f"   {fit(plain(fact.name), room)} ", palette.DIM), (kind, palette.DIM), (said, None))
    more = lines if len(lines) > 1 else []
    return [
        Row(fact.key, head),
        *(Row((fact.key, nth), ((f"      {plain(line)}", None),), can_select=False) for nth, line in enumerate(more)),
    ]
