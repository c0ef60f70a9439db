"""The interactions that have to feel instant, as a person does them, one after the other."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence

from tests.bench.meters import pss_bytes
from tests.tui.pty_kit import Terminal, terminal
from tests.tui_bench.home import FIRST, GROUPED, LAYERED, MAPPED, WIDE
from tests.tui_bench.measure import BARE_APP, Cost, Figure, each, press, python_start_ms, settle, type_on
from tui_flow.settings import Home

SIZE = (120, 36)
START_MS, START_BYTES = 500.0, 6 * 1024
KB = 1024


def yardsticks(home: Home, program: str) -> Iterator[Figure]:
    yield Figure("python -c pass", most_ms=None, costs=python_start_ms())
    with terminal(home, SIZE, program=(program, "-c", BARE_APP)) as shown:
        shown.wait_for("ready")
        settle(shown)
        yield Figure("a key in a bare Textual app", most_ms=None, costs=each(shown, "abcdefg"))


def starts(home: Home, times: int = 3) -> Iterator[Figure]:
    """From the command to its first rows, and until it stands."""
    rows, whole = Figure("start: first rows", START_BYTES, START_MS), Figure("start: until it stands", None, None)
    for _ in range(times):
        begun = time.perf_counter()
        with terminal(home, SIZE, alone(home)) as shown:
            shown.wait_for(FIRST)
            rows.costs.append(Cost((shown.last_at - begun) * 1000, 0.0, len(shown.written)))
            settle(shown)
            whole.costs.append(Cost((shown.last_at - begun) * 1000, 0.0, len(shown.written)))
    yield rows
    yield whole


def keys(home: Home) -> Iterator[Figure]:
    """All that is one key, in one session; what it costs to stand there."""
    with terminal(home, SIZE, alone(home)) as shown:
        shown.wait_for(FIRST)
        settle(shown)
        for part in PARTS:
            yield from part(shown)
            press(shown, "1")
        settle(shown)
        idle = min((shown.rest_for(2.0) for _ in range(2)), key=len)
        yield Figure("idle for 2 s", 0, None, [Cost(0.0, 0.0, len(idle))])
        memory = pss_bytes(shown.pid)
        yield Figure("memory at the end", None, None, [Cost(0.0, 0.0, memory)], f"{memory / 2**20:.0f} MiB")


def alone(home: Home) -> dict[str, str]:
    """Nothing is remembered from one start to the next, but what Python compiles, as where it is installed."""
    state = home.root / "state"
    shutil.rmtree(state, ignore_errors=True)
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(home.root / "compiled")}
    return {"XDG_STATE_HOME": str(state), **kept}


def first_keys(home: Home) -> Iterator[Figure]:
    """What is typed while the program is young: at once, and while it makes pages ready, which a key interrupts."""
    for name, every_s in (("a key at once after the start", 0.1), ("a key while pages are made ready", 0.45)):
        with terminal(home, SIZE, alone(home)) as shown:
            shown.wait_for("trigger")  # in the footer: it takes keys
            figure = Figure(f"1 {name}", 2 * KB, costs=type_on(shown, "jjkkjjkkjjkk", every_s))
            figure.note = f"the slowest {max(cost.ms for cost in figure.costs):.0f} ms"
            yield figure


def first_visits(home: Home) -> Iterator[Figure]:
    """Each page, tab and sheet when it is opened for the first time, in one session, after the start."""
    with terminal(home, SIZE, alone(home)) as shown:
        shown.wait_for(FIRST)
        settle(shown)
        for name, before, key in VISITS:
            for each_key in before:
                press(shown, each_key)
            yield Figure(f"first: {name}", None, None, [press(shown, key)])


def named(dag_id: str) -> tuple[str, ...]:
    """The keys that bring the cursor of the list to a DAG."""
    return ("\x1b", "\x1b", "\x1b", "1", "\x1b", "/", *dag_id, "\r")


VISITS: tuple[tuple[str, Sequence[str], str], ...] = (
    ("the filter", (), "/"),
    ("the command line", ("\x1b",), ":"),
    ("help", ("\x1b",), "?"),
    ("the view sheet", ("\x1b",), ","),
    ("the copy sheet", ("\x1b",), "y"),
    ("the trigger sheet", named(FIRST), "t"),
    ("the clear sheet", ("\x1b",), "c"),
    ("the backfill sheet", ("\x1b",), "b"),
    ("Grid", ("\x1b",), "\r"),
    ("a run", (), "\r"),
    ("a task", (), "I"),
    ("events of a run", (), "]"),
    ("what is known of a run", (), "i"),
    ("a log", named(FIRST), "l"),
    ("Grid of the largest DAG", named(WIDE), "\r"),
    ("its outline", (), "d"),
    ("its runs", (), "r"),
    ("its source", (), "v"),
    ("its Info", (), "i"),
    ("its Stats", (), "]"),
    ("one of its runs", (*named(WIDE), "\r"), "\r"),
    ("Diagram of 60 tasks", named(LAYERED), "d"),
    ("Activity", ("\x1b", "1"), "2"),
    ("Upcoming", (), "3"),
    ("System", (), "4"),
    *((name, (), "]") for name in ("Pools", "Variables", "Connections", "Assets", "Backfills", "Config", "Providers")),
)
"""What, the keys that lead there, and the one that opens it."""


def dag_list(shown: Terminal) -> Iterator[Figure]:
    yield Figure("1 cursor in the DAG list", 2 * KB, costs=each(shown, "jjjjjjjkkkkkkk"))
    yield Figure("  page down in the DAG list", None, costs=each(shown, "\x04\x04\x15\x15"))
    press(shown, "/")
    yield Figure("5 a letter in the filter", 10 * KB, costs=each(shown, ("e", "t", "l", "_", "1", "\x7f", "2")))
    press(shown, "\x1b")
    yield Figure("+ pause, and on again", KB, costs=each(shown, "pppp"))


def _open(shown: Terminal, dag_id: str, key: str = "") -> None:
    """The cursor of the list to a DAG, by its name."""
    for letter in ("1", "\x1b", "/", *dag_id, "\r"):
        press(shown, letter)
    if key:
        press(shown, key)


def _grid(shown: Terminal) -> Iterator[Figure]:
    _open(shown, WIDE)
    yield Figure("  into the largest DAG, the first time", None, None, [press(shown, "\r")])
    yield Figure("2 cursor in the grid, down and up", KB, costs=each(shown, "jjjjjkkkkk"))
    yield Figure("2 cursor in the grid, left and right", KB, costs=each(shown, "hhhhhlllll"))
    yield Figure("  page down in the grid", None, costs=each(shown, "\x04\x04\x15\x15"))
    press(shown, "\x1b")
    press(shown, "\x1b")


def _going(shown: Terminal) -> Iterator[Figure]:
    into, back, escape = (
        Figure("3 into a DAG", 12 * KB),
        Figure("4 back with q", 12 * KB),
        Figure("4 back with esc", 12 * KB),
    )
    large = Figure("3 into the largest DAG", 12 * KB)
    for dag_id, figure in ((FIRST, into), (WIDE, large)):
        _open(shown, dag_id)
        for _ in range(3):
            figure.costs.append(press(shown, "\r"))
            back.costs.append(press(shown, "q"))
            figure.costs.append(press(shown, "\r"))
            escape.costs.append(press(shown, "\x1b"))
        press(shown, "\x1b")
    yield from (into, large, back, escape)


def _log(shown: Terminal) -> Iterator[Figure]:
    _open(shown, FIRST)
    press(shown, "l")
    settle(shown)  # counted to its beginning
    press(shown, "q")
    opened = Figure("6 open the log at its end", 8 * KB)
    for _ in range(3):
        opened.costs.append(press(shown, "l"))
        settle(shown)
        press(shown, "q")
    yield opened
    press(shown, "l")
    settle(shown)
    yield Figure("7 a line up in the log", 8 * KB, costs=each(shown, "kkkkk"))
    yield Figure("7 a page up in the log", 8 * KB, costs=each(shown, "\x15\x15\x15"))
    press(shown, "/")
    for letter in "999:":
        press(shown, letter)
    press(shown, "\r")
    settle(shown)
    yield Figure("7 the next match in the log", 8 * KB, costs=each(shown, "NNNN"))
    press(shown, "\x1b")


def _diagram(shown: Terminal) -> Iterator[Figure]:
    _open(shown, LAYERED)
    yield Figure("  into a diagram of 60 tasks", None, None, [press(shown, "d")])
    yield Figure("8 along an edge, 60 tasks", 10 * KB, costs=each(shown, "llljjhhh"))
    yield Figure("9 zoom, 60 tasks", 12 * KB, costs=each(shown, "--++"))
    _open(shown, GROUPED)
    yield Figure("  into a diagram of 300 tasks, in groups", None, None, [press(shown, "d")])
    yield Figure("9 unfold and fold all, 300 tasks", 12 * KB, costs=each(shown, "}{}{}"))
    yield Figure("8 along an edge, 300 tasks", 10 * KB, costs=each(shown, "llljjhhh"))
    yield Figure("9 zoom, 300 tasks", 12 * KB, costs=each(shown, "--++"))
    yield Figure("  pan, 300 tasks", None, costs=each(shown, "JJKK"))
    _open(shown, WIDE)
    yield Figure("  into the outline of the largest DAG", None, None, [press(shown, "d")])
    settle(shown)
    yield Figure("8 along the outline, largest DAG", 10 * KB, costs=each(shown, "jjjjkkkk"))


def sheets(shown: Terminal) -> Iterator[Figure]:
    _open(shown, FIRST)
    for name, key in (("trigger", "t"), ("clear", "c"), ("command line", ":")):
        first = press(shown, key)
        press(shown, "\x1b")
        figure = Figure(f"10 the {name} sheet", 14 * KB, note=f"the first time {first.ms:.0f} ms")
        for _ in range(3):
            figure.costs.append(press(shown, key))
            press(shown, "\x1b")
        yield figure
    press(shown, "\x1b")


def _mapped(shown: Terminal) -> Iterator[Figure]:
    _open(shown, MAPPED)
    press(shown, "\r")
    yield Figure("  into a run of many mapped instances", None, costs=each(shown, ("\r", "q", "\r", "q", "\r"))[::2])
    yield Figure("  cursor in that run", 2 * KB, costs=each(shown, "jjkk"))


PARTS = (dag_list, _grid, _going, _log, _diagram, sheets, _mapped)
