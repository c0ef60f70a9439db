"""Which commands share their shell with what records their end."""

from __future__ import annotations

import pytest

from tui_flow.runtime.spawn import _PLAIN_WRAPPER, _WRAPPER, wrapper_of


@pytest.mark.parametrize(
    "command", ["true", "exit 7", "a && b || exit 3", "for f in *; do ls; done", "./run.sh x", "a\n"]
)
def test_plain_commands_need_no_subshell(command: str) -> None:
    assert wrapper_of(command) is _PLAIN_WRAPPER


@pytest.mark.parametrize(
    "command",
    [
        "exec ls",
        "trap 'rm x' EXIT",
        "set -euo pipefail\nls",
        "shopt -s nullglob",
        "source env.sh",
        ". env.sh",
        "cd x; . env.sh",
        'eval "$x"',
        "trap() { :; }",
        "ls() { :; }; ls",
        "IFS=,; ls",
        "__code=1",
        "command exec ls",
    ],
)
def test_what_changes_the_shell_gets_a_subshell(command: str) -> None:
    assert wrapper_of(command) is _WRAPPER
