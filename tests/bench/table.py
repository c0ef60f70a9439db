"""Prints figures as a table as they come, and all of them as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.bench.figures import QUIET_BELOW, Figure

_WIDTHS = (46, 10, 17, 8, 8, 8, 7)
_HEAD = ("what", "median", "min .. max", "floor", "goal", "reached", "foreign")


def heading(machine: Mapping[str, str]) -> str:
    return "\n".join([", ".join(f"{name} {value}" for name, value in machine.items()), _line(_HEAD) + "  note"])


def row(figure: Figure) -> str:
    cells = (
        figure.name,
        amount(figure.median, figure.unit),
        f"{amount(min(figure.values))} .. {amount(max(figure.values))}",
        "" if figure.floor is None else amount(figure.floor, figure.unit),
        "" if figure.goal is None else amount(figure.goal, figure.unit),
        figure.verdict,
        f"{figure.foreign:.0%}",
    )
    return f"{_line(cells)}  {figure.note}".rstrip()


def warning(figures: Sequence[Figure]) -> str:
    """A line to print where others kept the machine busy; else nothing."""
    noisy = [figure for figure in figures if not figure.is_quiet]
    if not noisy:
        return ""
    most = max(figure.foreign for figure in noisy)
    return (
        f"warning: the machine was not quiet: during {len(noisy)} of {len(figures)} figures others used more than "
        f"{QUIET_BELOW:.0%} of it (up to {most:.0%}); measure again before you believe them"
    )


def write_json(path: Path, machine: Mapping[str, str], figures: Sequence[Figure]) -> None:
    rows = [{**asdict(figure), "median": figure.median, "reached": figure.verdict} for figure in figures]
    path.write_text(json.dumps({"machine": dict(machine), "figures": rows}, indent=2) + "\n")


def amount(value: float, unit: str = "") -> str:
    """Three digits are enough: 1234 /s, 12.3 ms, 0.35x."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    space = "" if unit in ("", "x", "%") else " "
    return f"{value:.{digits}f}{space}{unit}"


def _line(cells: Sequence[str]) -> str:
    first, *others = cells
    return "  ".join([first.ljust(_WIDTHS[0]), *(c.rjust(w) for c, w in zip(others, _WIDTHS[1:], strict=True))])
