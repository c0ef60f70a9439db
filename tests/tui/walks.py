"""`python -m tests.tui.walks`: random walks through the real dashboard over a hostile database, on a pseudo-terminal.

--walks N    how many (10)
--seed N     of the first (0); a walk is its seed: the same keys each time
--steps N    keys of each walk (150)

A walk fails where the dashboard ends, writes a report of an error, or writes a sequence that is not on the allow-list.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.tui.homes import home_of
from tests.tui.hostile import ATTACKS, fill_with_attacks
from tests.tui.pty_kit import Terminal, terminal
from tests.tui.sequences import foreign

SIZES = ((80, 24), (60, 15), (120, 36), (40, 10), (20, 5), (200, 50))
_MOVES = "jkhlgGHJK1234[]<>{}+-"
_LOOKS = "/nN&sf,TwFedrvi?"
_DEEDS = "tcmxXpbau V*R"
_NAMED = (
    "\r",
    "\x1b",
    "\t",
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[6~",
    "\x1b[5~",
    "\x04",
    "\x15",
    "\x7f",
    "\x0e",
)
"""Left out are the keys that leave, suspend, copy, and start a scheduler: q, ctrl+c, ctrl+z, y, S."""
_TYPED = ("a[b]", "[/]", "run[/]x", "state:failed", "*", "\\", "etl", "é漢")


def keys_of(seed: int, steps: int) -> Iterator[str | tuple[int, int]]:
    """The walk of that seed: what is typed, or the size that the terminal takes."""
    chance = random.Random(seed)
    for nth in range(steps):
        roll = chance.random()
        if roll < 0.35:
            yield chance.choice(_MOVES)
        elif roll < 0.6:
            yield chance.choice(_NAMED)
        elif roll < 0.72:
            yield chance.choice(_LOOKS)
        elif roll < 0.86:
            yield chance.choice(_DEEDS)
        elif roll < 0.92:
            yield "/" + chance.choice(_TYPED)
        elif roll < 0.94:
            yield ":" + chance.choice(_TYPED) + "\x1b"
        elif roll < 0.96:
            pasted = chance.choice(ATTACKS).replace("\x1b", "")  # which terminals take out
            yield f"\x1b[200~{pasted}\x1b[201~"
        elif roll < 0.98:
            yield f"\x1b[<0;{chance.randint(2, 60)};{chance.randint(4, 9)}M\x1b[<0;5;5m"
        else:
            yield chance.choice(SIZES)
        if nth % 25 == 24:
            yield "\x1b\x1b\x1b"


def walk(shown: Terminal, seed: int, steps: int) -> list[str]:
    """What went wrong; empty where nothing did."""
    shown.wait_for("hostile")
    done: list[str] = []
    for keys in keys_of(seed, steps):
        done.append(repr(keys))
        if isinstance(keys, tuple):
            shown.resize(*keys)
            shown.rest(0.03)
        else:
            shown.press(keys, 0.03)
        if not shown.is_alive:
            return [f"seed {seed}: ended by {' '.join(done[-8:])}: {bytes(shown.written[-600:])!r}"]
    shown.rest(0.5)
    if bad := foreign(shown.all_written()):
        return [f"seed {seed}: wrote {sorted(set(bad))!r}"]
    return [] if shown.is_alive else [f"seed {seed}: ended after {' '.join(done[-8:])}"]


def run_walk(seed: int, steps: int) -> list[str]:
    """A walk in a home of its own."""
    with tempfile.TemporaryDirectory(prefix="tuiflow-walk-") as folder:
        home = home_of(Path(folder))
        fill_with_attacks(home)
        with terminal(home, SIZES[seed % 3]) as shown:
            faults = walk(shown, seed, steps)
        reports = home.root.glob("dashboard-failure*")
        return faults + [f"seed {seed}: {path.name}: {path.read_text()[-1500:]}" for path in reports]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tui.walks", description=__doc__)
    parser.add_argument("--walks", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=150)
    options = parser.parse_args(argv)
    faults = [fault for nth in range(options.walks) for fault in run_walk(options.seed + nth, options.steps)]
    print("\n".join(faults) or f"{options.walks} walks of {options.steps} keys: nothing wrong")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
