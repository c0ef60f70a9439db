"""`python -m tests.keys_page`: does `.docs/keys.md` list the keys of the dashboard as they are? `--write` renews it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.generated import write_or_compare
from tui_flow.tui.keys import ACTIONS, by_section

PAGE = Path(__file__).resolve().parent.parent / ".docs" / "keys.md"
HEAD = """# Keys of the dashboard

A key means the same on every page; `?` lists those that do something where you are; a click on the footer does so too.
`[keys]` in `tuiflow.toml` gives an action other keys by its id, several separated by commas: `trigger = "ctrl+t,f5"`.
A key that two actions of one page would share is refused at the start.
"""
SECTIONS = {"Go": "Go around", "See": "See more of it", "Do": "Do something", "Look": "Look at it another way"}


def page() -> str:
    parts = [HEAD]
    for section, actions in by_section(ACTIONS).items():
        rows = [
            f"| {_keys(action.shown, action.keys)} | {action.help or action.text} | `{action.id}` |"
            for action in actions
        ]
        parts.append("\n".join([f"## {SECTIONS[section]}\n", "| key | does | id |", "|---|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def _keys(shown: str, keys: str) -> str:
    names = keys.split(",")
    names[0] = shown or names[0]
    return " ".join(f"`{name}`" for name in names).replace("|", "\\|")


def main(words: Sequence[str]) -> int:
    return write_or_compare(PAGE, page(), "tests.keys_page", words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
