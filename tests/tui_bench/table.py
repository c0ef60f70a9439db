"""The figures as lines on a terminal and as a page of the docs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.bench.figures import QUIET_BELOW
from tests.bench.meters import machine
from tests.tui_bench.home import Size
from tests.tui_bench.measure import Figure

PAGE = Path(__file__).parents[2] / ".docs" / "speed.md"
_WIDTHS = (40, 8, 8, 9, 8, 8)
_NAMES = ("what", "ms", "CPU ms", "bytes", "ms <=", "bytes <=")


def _cells(figure: Figure) -> tuple[str, ...]:
    is_timed = any(cost.ms for cost in figure.costs)
    return (
        figure.name,
        f"{figure.ms:.0f}" if is_timed else "",
        f"{figure.cpu_ms:.0f}" if any(cost.cpu_ms for cost in figure.costs) else "",
        "" if figure.name.startswith(("python", "memory")) else f"{figure.size_bytes}",
        "" if figure.most_ms is None else f"{figure.most_ms:.0f}",
        "" if figure.most_bytes is None else f"{figure.most_bytes}",
    )


def _joined(cells: Sequence[str]) -> str:
    first, *others = cells
    return "  ".join(
        [first.ljust(_WIDTHS[0]), *(cell.rjust(width) for cell, width in zip(others, _WIDTHS[1:], strict=True))]
    )


HEAD = _joined(_NAMES)


def line(figure: Figure) -> str:
    return f"{_joined(_cells(figure))}  {figure.verdict:<16}{figure.note}".rstrip()


def write_page(figures: Sequence[Figure], size: Size, foreign: float, is_ahead: bool = False) -> None:
    PAGE.write_text(page(figures, size, foreign, is_ahead))


def _busy(foreign: float, is_ahead: bool) -> list[str]:
    if foreign < QUIET_BELOW:
        return []
    if is_ahead:
        return [
            "",
            "The machine was not quiet. What is measured ran before all other processes (`--ahead`), so that it hardly",
            "waited for a CPU; but the others filled its caches, and both milliseconds and CPU time are more than they",
            "would be. Bytes are exact.",
        ]
    return [
        "",
        "The machine was not quiet: the milliseconds are mostly those of waiting for a CPU, and the CPU time is more",
        "than it would be. Measure again before you believe a line that is over its milliseconds; bytes are exact.",
    ]


def page(figures: Sequence[Figure], size: Size, foreign: float, is_ahead: bool = False) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in machine(PAGE.parent).items())
    rows = [
        "| " + " | ".join([*_cells(figure), figure.verdict or " ", figure.note or " "]).replace("  ", " ") + " |"
        for figure in figures
    ]
    return "\n".join(
        [
            *_INTRO,
            f"Database: {size.words}.",
            f"Machine: {facts}; others used {foreign:.0%} of it.",
            *_busy(foreign, is_ahead),
            "",
        ]
    ) + "\n".join(["", "| " + " | ".join([*_NAMES, "", ""]) + " |", "|" + "---|" * 8, *rows, ""])


_INTRO = (
    "# How fast the dashboard is",
    "",
    "`python -m tests.tui_bench` builds a database with a long history, runs the real `tuiflow` on a pseudo-terminal",
    "of 120 x 36, presses keys and measures the time until the last byte, the CPU time and the bytes: medians.",
    "`--write` writes this page. What the machine can do at all stands in the first lines. The last lines are first",
    "visits: of a session that has just begun, each page, tab and sheet when it is opened for the first time.",
    "",
)
