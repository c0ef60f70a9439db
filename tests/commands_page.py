"""`python -m tests.commands_page --write`: `.docs/commands.md`, made from the commands themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.generated import write_or_compare
from tui_flow.cli.app import root_command
from tui_flow.cli.verbs import VERBS

PAGE = Path(__file__).resolve().parent.parent / ".docs" / "commands.md"
HEAD = """# Commands

Made from `tuiflow --help` by `python -m tests.commands_page --write`.

Data goes to stdout, talk to stderr. Exit codes: 0 done, 1 failed, 2 not understood, 75 another process holds the home,
130 interrupted. Dates are ISO 8601 (local time without an offset), `now`, `today`, `-3d`, `3 days ago`, `+3d`.
`tuiflow --install-completion` completes commands, options, and the ids of DAGs, tasks and runs.
"""


def main(words: list[str]) -> int:
    return write_or_compare(PAGE, render(), "tests.commands_page", words)


def commands() -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its full name, in the order of the help."""
    root = root_command()
    ctx = root.make_context("tuiflow", [], resilient_parsing=True)
    for verb in VERBS:
        built = root.get_command(ctx, verb)
        below = getattr(built, "commands", None)
        if below is None:
            yield f"tuiflow {verb}", built
        else:
            yield from ((f"tuiflow {verb} {name}", command) for name, command in below.items())


def render() -> str:
    parts = [HEAD]
    section = ""
    for name, command in commands():
        verb = VERBS[name.split()[1]]
        if verb.section != section:
            section = verb.section
            parts.append(f"## {section}\n")
        parts.append(_command(name, command))
    return "\n".join(parts)


def _command(name: str, command: Any) -> str:
    arguments = [param.metavar for param in command.params if param.param_type_name == "argument"]
    usage = " ".join([name, *arguments, "[OPTIONS]"] if len(command.params) > len(arguments) else [name, *arguments])
    rows = "".join(f"- {_names(param)}: {param.help}\n" for param in command.params if param.help)
    return f"### `{name}`\n\n{command.help}\n\n    {usage}\n\n{rows}\nExample: `{command.epilog}`\n"


def _names(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"`{param.metavar}`"
    value = "" if param.is_flag else f" {param.metavar}"
    shown = ", ".join(f"`{option}{value}`" for option in [*param.opts, *param.secondary_opts])
    is_told = param.default not in (None, False, True, "", -1) and not param.required
    return f"{shown} (default {param.default})" if is_told else shown


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
