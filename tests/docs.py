"""`python -m tests.docs`: does the README still say what the code does? `--write` renews its generated parts.

Generated parts stand between `<!-- NAME -->` and `<!-- end NAME -->`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from tests.generated import write_or_compare
from tui_flow.cli.verbs import VERBS
from tui_flow.settings import Settings
from tui_flow.state import ATTEMPT_MOVES, OCCUPIED_TASK, RUN_MOVES, TASK_MOVES, TaskState

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
State = TypeVar("State", bound=StrEnum)


def main(words: Sequence[str]) -> int:
    text = with_generated_parts(README.read_text(encoding="utf-8"))
    return write_or_compare(README, text, "tests.docs", words)


def with_generated_parts(text: str) -> str:
    """Raises ValueError where the text lacks a pair of markers."""
    for name, render in GENERATED.items():
        start, end = f"<!-- {name} -->\n", f"<!-- end {name} -->"
        if text.count(start) != 1 or text.count(end) != 1:
            raise ValueError(f"README.md must have one part between {start.strip()} and {end}")
        before, rest = text.split(start)
        after = rest.split(end)[1]
        text = f"{before}{start}{render()}{end}{after}"
    return text


def render_task_states() -> str:
    """The task instance's moves; those that every state shares stand below the drawing."""
    anywhere = moves_from_everywhere()
    ends = anywhere - {TaskState.NONE, TaskState.REMOVED}
    drawn = {
        state: targets - anywhere | (targets & ends if state in OCCUPIED_TASK else frozenset())
        for state, targets in TASK_MOVES.items()
    }
    names = ", ".join(f"`{state}`" for state in TaskState if state in anywhere)
    return f"{render_diagram(drawn)}\nBesides, every state but `removed` may move to {names}: by skip, clear or mark.\n"


def moves_from_everywhere() -> frozenset[TaskState]:
    """States that every state but REMOVED may move to, each counted as able to stay what it is."""
    reachable = [targets | {state} for state, targets in TASK_MOVES.items() if state is not TaskState.REMOVED]
    return frozenset.intersection(*reachable)


def render_other_states() -> str:
    return f"A DAG run:\n\n{render_diagram(RUN_MOVES)}\nAn attempt:\n\n{render_diagram(ATTEMPT_MOVES)}"


def render_diagram(moves: Mapping[State, frozenset[State]]) -> str:
    order = list(type(next(iter(moves))))
    lines = [f"    {state} --> {target}" for state in order for target in sorted(moves[state], key=order.index)]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])


def render_commands() -> str:
    rows = [f"| `{verb.name}` | {verb.help} |" for verb in VERBS.values()]
    return "\n".join(["| command | does |", "|---|---|", *rows]) + "\n"


def render_settings() -> str:
    """One table row a setting: name and default."""
    settings = Settings()
    rows = ["| setting | default |", "|---|---|"]
    for section in fields(settings):
        part = getattr(settings, section.name)
        rows += [f"| `[{section.name}] {item.name}` | {_shown(getattr(part, item.name))} |" for item in fields(part)]
    return "\n".join(rows) + "\n"


def _shown(value: object) -> str:
    return "(empty)" if value == "" else f"{value:,}" if isinstance(value, int) else str(value)


GENERATED: dict[str, Callable[[], str]] = {
    "commands": render_commands,
    "task states": render_task_states,
    "other states": render_other_states,
    "settings": render_settings,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
