"""The whole tree of commands: the table of verbs, help with examples, --json on listings, the page in .docs."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from tests import commands_page
from tui_flow.cli import habits
from tui_flow.cli.app import app, run
from tui_flow.cli.lazy import command_of
from tui_flow.cli.verbs import VERBS

COMMANDS = dict(commands_page.commands())
ALWAYS_JSON = "tuiflow xcom get"
SHOWS = ("list", "show", "next", "import-errors", "status", "get", "render", "version", "why", "query", "check")


@pytest.mark.parametrize("verb", VERBS)
def test_the_table_says_what_the_commands_say(verb: str) -> None:
    command = command_of(verb)
    assert command.name == verb
    summary = command.help.split("\n")[0]
    assert summary.rstrip(".").startswith(VERBS[verb].help.rstrip(".").split(":")[0].split(";")[0])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_carries_an_example_that_parses(name: str) -> None:
    command = COMMANDS[name]
    *_, example = command.epilog.split("| ")
    words = shlex.split(example)
    assert " ".join(words).startswith(name)
    ctx = command.make_context(name, words[len(name.split()) :])
    assert ctx.command is command


@pytest.mark.parametrize("name", [name for name in COMMANDS if name.split()[-1] in SHOWS and name != ALWAYS_JSON])
def test_everything_that_shows_has_json(name: str) -> None:
    assert "--json" in {option for param in COMMANDS[name].params for option in param.opts}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name: str) -> None:
    assert [param.name for param in COMMANDS[name].params if "--" in param.opts[0] and not param.help] == []


def test_help_lists_every_verb_without_importing_any() -> None:
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom tui_flow.cli.app import app\n"
        "print(CliRunner().invoke(app, ['--help']).output)\n"
        "assert not [name for name in sys.modules if name.startswith('tui_flow.cli.commands.')]"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert [verb for verb in VERBS if f"  {verb} " not in out] == []


def test_the_page_of_commands_is_current() -> None:
    assert commands_page.PAGE.read_text(encoding="utf-8") == commands_page.render(), (
        "run `python -m tests.commands_page --write`"
    )


def test_groups_name_their_commands() -> None:
    found = CliRunner().invoke(app, ["dags", "--help"])
    assert found.exit_code == 0
    assert all(name in found.output for name in ("list", "show", "next", "import-errors", "delete"))


@pytest.mark.parametrize(
    "name", [name for name in COMMANDS if name.split()[-1] in ("delete", "cancel", "clear", "backfill", "clean")]
)
def test_what_asks_can_be_answered_beforehand(name: str) -> None:
    assert "-y" in {option for param in COMMANDS[name].params for option in param.opts}


@pytest.mark.parametrize("ours", sorted(set(habits.COMMANDS.values()) - {"--help"}))
def test_what_airflows_commands_are_called_here_is_there(ours: str) -> None:
    words = shlex.split(ours)
    assert f"tuiflow {words[0]}" in COMMANDS or " ".join(["tuiflow", *words[:2]]) in COMMANDS
    known = {option for command in COMMANDS.values() for param in command.params for option in param.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_what_airflows_options_are_called_here_is_there() -> None:
    known = {option for command in COMMANDS.values() for param in command.params for option in param.opts}
    ours = {word for words in habits.OPTIONS.values() for word in words.split() if word.startswith("-")}
    assert ours <= known


@pytest.mark.parametrize("theirs", habits.COMMANDS)
def test_airflows_commands_are_not_ours(theirs: str) -> None:
    assert f"tuiflow {theirs}" not in COMMANDS


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("dags trigger etl", "no command 'dags trigger'; here it is `tuiflow trigger`"),
        ("standalone", "no command 'standalone'; here it is `tuiflow up`"),
        ("tasks test etl a", "here it is `tuiflow run DAG --task TASK`"),
        ("variables lst", "no command 'variables lst'; did you mean 'list'?"),
        ("runs xyzzy", "no command 'runs xyzzy'; `tuiflow runs --help` lists them"),
        ("xyzzy", "no command 'xyzzy'; `tuiflow --help` lists them"),
        ("dags list -o json", "no such option: -o; here it is --json; see `tuiflow dags list --help`"),
        ("backfill etl --from-date 2026-01-01", "here it is --start"),
    ],
)
def test_a_word_that_is_not_ours_is_answered_with_ours(
    line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == 2
    assert told in capsys.readouterr().err


LINES = re.findall(r"tuiflow ([^`\n]*)", (commands_page.PAGE.parent / "operating.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("line", [line for line in LINES if not line.startswith(("[", "$"))])
def test_the_commands_of_the_guide_are_there(line: str) -> None:
    words = line.split("&&")[0].split()
    name = next(
        " ".join(["tuiflow", *words[:count]]) for count in (2, 1) if " ".join(["tuiflow", *words[:count]]) in COMMANDS
    )
    known = {option for param in COMMANDS[name].params for option in [*param.opts, *param.secondary_opts]}
    assert {word for word in words if re.fullmatch(r"--[a-z-]+|-[a-z]", word)} <= known
