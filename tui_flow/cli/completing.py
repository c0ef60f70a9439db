"""Completion in bash, which takes `:` and `=` for ends of words: a run id there is several words, of which it replaces
the last."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from io import StringIO

_BREAKS = set(":=")


def complete_in_bash(complete: Callable[[], object]) -> None:
    """Call typer's completion, which leaves by SystemExit, with the words as they are meant; of what it prints, print
    what bash is to put in."""
    separator = "\n" if "\n" in os.environ.get("COMP_WORDS", "") else " "
    words, current = os.environ.get("COMP_WORDS", "").split(separator), os.environ.get("COMP_CWORD", "")
    if not current.isdigit():
        complete()
        return
    words, number, kept = joined(words, int(current))
    if number < len(words) and words[number].startswith("-"):
        kept -= words[number].find("=") + 1  # the values that typer finds begin behind `--run=`
    os.environ |= {"COMP_WORDS": separator.join(words), "COMP_CWORD": str(number)}
    printed = StringIO()
    with redirect_stdout(printed), suppress(SystemExit):
        complete()
    for line in printed.getvalue().splitlines():
        print(line[kept:])


def joined(words: list[str], current: int) -> tuple[list[str], int, int]:
    """The words as they were before they were broken, the current one's number, and how much of it stays as it is."""
    found: list[str] = []
    number = kept = 0
    goes_on = False
    for index, word in enumerate(words):
        is_break = bool(word) and set(word) <= _BREAKS
        if found and word and (is_break or goes_on):
            kept = len(found[-1]) + (len(word) if is_break else 0)
            found[-1] += word
        else:
            kept = 0
            found.append(word)
        goes_on = is_break
        if index == current:
            return found, len(found) - 1, kept
        number = len(found)
    return found, number, 0
