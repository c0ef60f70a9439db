"""Builds the home where it is missing, measures, prints the table; `--write` puts it into the docs."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.meters import ForeignLoad
from tests.tui_bench import interactions, table
from tests.tui_bench.home import SMALL, Size, built

DEFAULT_HOME = Path(tempfile.gettempdir()) / "tuiflow-bench"


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    if options.ahead:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    size = SMALL if options.small else Size()
    home = built((options.home or DEFAULT_HOME) / ("small" if options.small else "large"), size)
    figures = []
    print(table.HEAD, flush=True)
    with ForeignLoad() as load:
        for source in (
            interactions.yardsticks(home, sys.executable),
            interactions.starts(home),
            interactions.keys(home),
            interactions.first_keys(home),
            interactions.first_visits(home),
        ):
            for figure in source:
                figures.append(figure)
                print(table.line(figure), flush=True)
    print(f"others used {load.share:.0%} of the machine meanwhile")
    if options.write:
        table.write_page(figures, size, load.share, options.ahead)
    return 0


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.tui_bench", description="Measure what each key of the dashboard costs, and its start."
    )
    parser.add_argument("--home", type=Path, metavar="FOLDER", help=f"where the databases are kept ({DEFAULT_HOME})")
    parser.add_argument("--small", action="store_true", help="a small database: only to see that it works")
    parser.add_argument("--ahead", action="store_true", help="run before all other processes, as root may")
    parser.add_argument("--write", action="store_true", help="put the table into the docs")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
