"""Measures what was asked for and prints a line for each figure as soon as it is there."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tests.bench import deciding, latency, parsing, resting, table, throughput
from tests.bench.figures import QUIET_BELOW, Figure
from tests.bench.home import BenchFailed
from tests.bench.meters import ForeignLoad, machine, wait_for_quiet
from tests.bench.scope import Scope
from tui_flow.runtime.processes import become_subreaper

MEASUREMENTS: dict[str, Callable[[Scope], Iterator[Figure]]] = {
    "python": throughput.python_tasks,
    "shell": throughput.shell_tasks,
    "scale": throughput.scale,
    "hop": latency.hop,
    "trigger": latency.trigger,
    "due": latency.due,
    "commands": resting.commands,
    "idle": resting.idle,
    "parse": parsing.parse,
    "deciding": deciding.deciding,
}


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    scope = Scope(options.quick, options.shell_only)
    facts = machine(Path(tempfile.gettempdir()))
    become_subreaper()  # what our schedulers leave behind is ours to reap, and its CPU time is not foreign
    print(table.heading(facts), flush=True)
    figures: list[Figure] = []
    try:
        for name in options.only or MEASUREMENTS:
            for figure in measured(MEASUREMENTS[name], scope):
                figures.append(figure)
                print(table.row(figure), flush=True)
    except BenchFailed as err:
        print(f"bench: {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if options.json and figures:
            table.write_json(options.json, facts, figures)
    if warning := table.warning(figures):
        print(warning)
    return 0


def measured(measure: Callable[[Scope], Iterator[Figure]], scope: Scope) -> list[Figure]:
    if not scope.is_quick:
        wait_for_quiet(QUIET_BELOW, patience_s=30)
    with ForeignLoad() as load:
        figures = list(measure(scope))
    return [replace(figure, foreign=load.share) for figure in figures]


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Measure speed and size; medians, with floor and goal."
    )
    parser.add_argument("--quick", action="store_true", help="fewer repeats and smaller runs; under a minute")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=MEASUREMENTS, help=", ".join(MEASUREMENTS))
    parser.add_argument(
        "--shell-only", action="store_true", help="scale: no long run of Python tasks (as with --quick)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all values there too")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
