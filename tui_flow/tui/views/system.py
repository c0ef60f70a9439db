"""The state of the installation: scheduler, database, disk, DAG files and what is wrong with them, pools, settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tui_flow.records import ImportErrorRow, PoolUse
from tui_flow.store.lock import Holder
from tui_flow.tui.holds import Pace
from tui_flow.tui.palette import BAD, BOLD, DIM, GOOD, WARN, Palette
from tui_flow.tui.text import Piece, Row, fit, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.settings import pool_row

ALMOST_FULL = 0.9


@dataclass(frozen=True, slots=True)
class Disk:
    free_bytes: int
    total_bytes: int

    @property
    def share_used(self) -> float:
        return 1 - self.free_bytes / self.total_bytes if self.total_bytes else 0.0


@dataclass(frozen=True, slots=True)
class Folder:
    """How much the files of a folder take."""

    bytes: int = 0
    files: int = 0
    is_whole: bool = True
    """False: there are more, which were not counted."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    number: int
    text: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class SystemModel:
    home: str
    scheduler: Holder | None
    database_bytes: int
    journal_bytes: int
    """Of SQLite's write-ahead log."""
    settings: str
    """The file of settings, and whether it is there."""
    dags_folder: str
    has_dags_folder: bool
    disk: Disk
    files: int = 0
    dags: int = 0
    parsed_at: datetime | None = None
    errors: Sequence[tuple[ImportErrorRow, Sequence[SourceLine]]] = ()
    """Broken files with the lines around what is wrong."""
    pools: Sequence[PoolUse] = ()
    missing_pools: Mapping[str, int] = field(default_factory=dict)
    """Those that do not exist: how many task instances wait for each."""
    variables: int = 0
    connections: int = 0
    assets: int = 0
    logs: Folder = Folder()
    kept: str = ""
    """How long runs and their logs are kept, in words."""
    pace: Pace = Pace()
    problem: str = ""
    """Why the database cannot be read; what it holds is then not known."""


def system_rows(
    model: SystemModel, look: Palette, at: datetime, is_utc: bool, opened: Collection[str] = ()
) -> list[Row]:
    """`opened`: broken files whose whole message is shown."""
    rows = [_title("Health", "health"), *_health(model, look, at, is_utc)]
    if model.errors:
        rows += [_title("Import errors", "errors"), *_errors(model, look, at, is_utc, opened)]
    if not model.problem:
        rows += [_title("Pools", "pools"), *(_pool(use, look) for use in model.pools)]
    return [*rows, _title("Installation", "installation"), *_installation(model)]


def _title(text: str, key: str) -> Row:
    return Row(("title", key), ((f" {text}", BOLD),), can_select=False)


def _health(model: SystemModel, look: Palette, at: datetime, is_utc: bool) -> list[Row]:
    holder = model.scheduler
    good: Piece = (f"  {look.line('✓')} ", GOOD)
    bad: Piece = (f"  {look.line('✗')} ", BAD)
    warn: Piece = ("  ! ", WARN)
    since = "not running: S starts it"
    if holder is not None:
        up = spans.in_minutes((at - holder.since).total_seconds())
        systemd = " · kept by systemd" if model.pace.is_service else ""
        since = f"pid {holder.pid} · up {up}, since {spans.stamp(holder.since, is_utc)}{systemd}"
    parsed = f" · last parsed {spans.clock(model.parsed_at, at, is_utc)}" if model.parsed_at else ""
    broken = f" · {len(model.errors)} broken" if model.errors else ""
    size = f"{_size(model.database_bytes)}, write-ahead log {_size(model.journal_bytes)}"
    is_full = model.disk.share_used > ALMOST_FULL
    used = f"{model.disk.share_used:.0%} full, {_size(model.disk.free_bytes)} free"
    used += " · D cleans up what is old" if is_full else ""
    files = f"{_count(model.files, 'file')}, {_count(model.dags, 'DAG')}{broken}{parsed}"
    is_sound = model.has_dags_folder and not model.errors and not model.problem
    if not model.has_dags_folder:
        files = f"there is no folder {plain(model.dags_folder)} · {files}"
    facts = [
        ("scheduler", good if holder else bad, since),
        ("database", bad if model.problem else good, plain(model.problem) or f"{size} · {plain(model.home)}"),
        ("DAG files", good if is_sound else warn, "not known" if model.problem else files),
        ("disk", warn if is_full else good, used),
    ]
    if holder is not None and (pace := _pace(model.pace)):
        facts.insert(1, ("pace", good, pace))
    rows = [Row(("health", name), (sign, (fit(name, 12), None), (text, None))) for name, sign, text in facts]
    return rows + [_missing_pool(name, count, warn) for name, count in model.missing_pools.items()]


def _missing_pool(name: str, count: int, sign: Piece) -> Row:
    waits = "1 task waits" if count == 1 else f"{count} tasks wait"
    told = f"{plain(name)} does not exist, {waits} for it · enter, then A makes it"
    return Row(("health", "pools", name), (sign, (fit("pools", 12), None), (told, None)))


def _pace(pace: Pace) -> str:
    said = [f"a round {pace.round_ms:.1f} ms"] if pace.round_ms is not None else []
    said += [f"a write at most {pace.write_ms:.1f} ms"] if pace.write_ms is not None else []
    said += [f"last run {pace.late_s:.1f} s late"] if pace.late_s is not None else []
    return " · ".join(said)


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'s' * (number != 1)}"


def _installation(model: SystemModel) -> list[Row]:
    logs = f"{'more than ' * (not model.logs.is_whole)}{_size(model.logs.bytes)} in {model.logs.files} files"
    logs += f", {model.kept} · D cleans up" if model.kept else ""
    kept = (("variable", model.variables), ("connection", model.connections), ("asset", model.assets))
    counted = " · ".join(_count(count, name) for name, count in kept)
    rows = [_place("DAGs folder", model.dags_folder), _place("settings", model.settings)]
    if not model.problem:
        rows += [_place("logs", logs), Row(("kept", ""), ((f"    {counted}", None),))]
    return rows


def _place(name: str, text: str) -> Row:
    return Row(("place", name), ((f"    {fit(name, 12)}", None), (plain(text), None)))


def _errors(model: SystemModel, look: Palette, at: datetime, is_utc: bool, opened: Collection[str]) -> list[Row]:
    rows: list[Row] = []
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
        if hint := error.message.partition("\n")[0].partition(f"{last}; ")[2]:
            rows.append(Row(("hint", error.file), ((f"       {plain(hint)}", WARN),), False))
        for nth, text in enumerate(error.message.strip().splitlines() if error.file in opened else ()):
            rows.append(Row(("message", error.file, nth), ((f"       {plain(text)}", None),), False))
    return rows


def _pool(use: PoolUse, look: Palette) -> Row:
    row = pool_row(use, look, 80)
    return Row(("pool", use.pool.name), ((" ", None), *row.pieces))


def _size(count: int) -> str:
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024 or unit == "GiB":
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    raise AssertionError("the last unit takes all")
