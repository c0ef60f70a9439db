"""Escape sequences in what a task wrote: where they are, and the text without them."""

from __future__ import annotations

import re

ESCAPE = re.compile(
    r"\x1b(?:\[([0-9;:]*)m|\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])"
)
"""The first group: the numbers of a sequence that sets a style."""


def without_escapes(text: str) -> str:
    return ESCAPE.sub("", text)
