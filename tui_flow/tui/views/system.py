"""The state of the installation: scheduler, database, disk, DAG files and what is wrong with them, pools, settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tui_flow.records import Backfill, ImportErrorRow, PoolUse
from tui_flow.store.lock import Holder
from tui_flow.tui.palette import BAD, BOLD, DIM, GOOD, WARN, Palette
from tui_flow.tui.text import Piece, Row, fit, plain
from tui_flow.tui.views import spans

BAR = 16


@dataclass(frozen=True, slots=True)
class Disk:
    free_bytes: int
    total_bytes: int

    @property
    def share_used(self) -> float:
        return 1 - self.free_bytes / self.total_bytes if self.total_bytes else 0.0


@dataclass(frozen=True, slots=True)
class SourceLine:
    number: int
    text: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class SystemModel:
    version: str
    home: str
    scheduler: Holder | None
    database_bytes: int
    journal_bytes: int
    """Of SQLite's write-ahead log."""
    dags_folder: str
    files: int
    dags: int
    parsed_at: datetime | None
    errors: Sequence[tuple[ImportErrorRow, Sequence[SourceLine]]]
    """Broken files with the lines around what is wrong."""
    pools: Sequence[PoolUse]
    backfills: Sequence[Backfill]
    variables: Sequence[str]
    connections: Sequence[tuple[str, str]]
    """(conn_id, conn_type)"""
    disk: Disk


def system_rows(model: SystemModel, look: Palette, at: datetime, is_utc: bool) -> list[Row]:
    rows = [_title("Health", "health"), *_health(model, look, at, is_utc)]
    if model.errors:
        rows += [_title("Import errors", "errors"), *_errors(model, look, at, is_utc)]
    if model.backfills:
        rows += [_title("Backfills", "backfills"), *(_backfill(each, is_utc) for each in model.backfills)]
    rows += [_title("Pools", "pools"), *(_pool(use, look) for use in model.pools)]
    rows += [_title(f"Variables ({len(model.variables)})", "variables")]
    rows += [Row(("variable", key), ((f"  {plain(key)}", None),)) for key in model.variables]
    rows += [_title(f"Connections ({len(model.connections)})", "connections")]
    rows += [
        Row(("connection", name), ((f"  {fit(plain(name), 28)} ", None), (plain(kind), DIM)))
        for name, kind in model.connections
    ]
    return rows


def _title(text: str, key: str) -> Row:
    return Row(("title", key), ((f" {text}", BOLD),), can_select=False)


def _health(model: SystemModel, look: Palette, at: datetime, is_utc: bool) -> list[Row]:
    holder = model.scheduler
    good: Piece = (f"  {look.line('✓')} ", GOOD)
    bad: Piece = (f"  {look.line('✗')} ", BAD)
    warn: Piece = ("  ! ", WARN)
    since = f"pid {holder.pid} · since {spans.stamp(holder.since, is_utc)}" if holder else "not running: S starts it"
    parsed = f" · last parsed {spans.clock(model.parsed_at, at, is_utc)}" if model.parsed_at else ""
    broken = f" · {len(model.errors)} broken" if model.errors else ""
    size = f"{_size(model.database_bytes)}, write-ahead log {_size(model.journal_bytes)}"
    used = f"{model.disk.share_used:.0%} full, {_size(model.disk.free_bytes)} free"
    facts = [
        ("scheduler", good if holder else bad, since),
        ("database", good, f"{size} · {plain(model.home)}"),
        ("DAG files", warn if model.errors else good, f"{model.files} files, {model.dags} DAGs{broken}{parsed}"),
        ("folder", good, plain(model.dags_folder)),
        ("disk", warn if model.disk.share_used > 0.9 else good, used),
        ("tuiflow", good, model.version),
    ]
    return [Row(("health", name), (sign, (fit(name, 12), None), (text, None))) for name, sign, text in facts]


def _errors(model: SystemModel, look: Palette, at: datetime, is_utc: bool) -> list[Row]:
    rows = []
    for error, lines in model.errors:
        where = f"line {error.line}" if error.line else ""
        last = error.message.strip().splitlines()[-1] if error.message.strip() else ""
        pieces: tuple[Piece, ...] = (
            (f"  {look.line('✗')} ", BAD),
            (f"{plain(error.file)}  {where}  ", BOLD),
            (f"{plain(last)}  ", BAD),
            (f"since {spans.clock(error.at, at, is_utc)}", DIM),
        )
        rows.append(Row(("error", error.file), pieces))
        for line in lines:
            mark = look.line("✗") if line.is_wrong else " "
            text = f"     {mark} {line.number:4} {look.line('│')} {plain(line.text)}"
            rows.append(Row(("line", error.file, line.number), ((text, BAD if line.is_wrong else DIM),), False))
    return rows


def _pool(use: PoolUse, look: Palette) -> Row:
    taken = use.running + use.queued
    slots = use.pool.slots
    filled = min(BAR, round(taken / slots * BAR)) if slots > 0 else 0
    bar = look.line("█" * filled + "░" * (BAR - filled)) if slots > 0 else "unlimited".ljust(BAR)
    is_full = 0 <= slots <= taken
    pieces: tuple[Piece, ...] = (
        (f"  {fit(plain(use.pool.name), 24)} ", None),
        (f"{taken:4}/{slots if slots >= 0 else '-'!s:<5} ", BOLD),
        (bar, WARN if is_full else GOOD),
        ("  full" if is_full else "", WARN),
        (f"  deferred {use.deferred}" if use.deferred else "", DIM),
        (f"  {plain(use.pool.description)}", DIM),
    )
    return Row(("pool", use.pool.name), pieces)


def _backfill(backfill: Backfill, is_utc: bool) -> Row:
    start, end = (spans.minute(each, is_utc) for each in (backfill.from_date, backfill.to_date))
    state = "paused" if backfill.is_paused else "running"
    text = f"  {fit(plain(backfill.dag_id), 24)} {start} to {end} · {backfill.total} runs · {state}"
    return Row(("backfill", backfill.id), ((text, None),))


def _size(count: int) -> str:
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024 or unit == "GiB":
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    raise AssertionError("the last unit takes all")
