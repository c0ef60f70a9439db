"""`python -m tests.crash --seeds 20`: campaigns of kills; the home of one that fails is kept for a look.

--seeds N      how many campaigns of each kind (5)
--first N      the first seed (1)
--rounds N     kills of each campaign (25)
--victims V    scheduler or all; both when not given
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.crash.campaign import Victims, run_campaign


def main() -> int:
    options = _options()
    failed = 0
    for seed in range(options.first, options.first + options.seeds):
        for victims in options.victims:
            begin = time.monotonic()
            folder = Path(tempfile.mkdtemp(prefix="tuiflow-crash-"))
            try:
                outcome = run_campaign(folder, seed, victims, options.rounds)
            except AssertionError as err:
                failed += 1
                print(f"seed {seed} {victims}: BROKEN, see {folder}: {err}", flush=True)
                continue
            print(f"seed {seed} {victims}, {time.monotonic() - begin:.0f} s: {outcome}", flush=True)
            shutil.rmtree(folder)
    print(f"{failed} broken" if failed else "every promise was kept")
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--seeds", type=int, default=5, help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=25, help=argparse.SUPPRESS)
    parser.add_argument("--victims", type=lambda v: [Victims(v)], default=list(Victims), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
