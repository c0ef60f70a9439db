"""What a program wrote to a terminal, taken apart strictly: text, and the control sequences between it."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_](?:[^\x07\x1b]|\x1b(?!\\))*(?:\x07|\x1b\\)"  # OSC, DCS, SOS, PM, APC with their content
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe]"
)
_ALLOWED = re.compile(
    r"\x1b\[(?:"
    r"[0-9;]*m"  # looks
    r"|[0-9]+;[0-9]+H|H"  # where to write
    r"|K"  # the rest of the line is blank
    r"|\?(?:7|25|1000|1002|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"  # modes of a full-screen program
    r"|\?(?:2026|2048)\$p"  # questions whether the terminal has a mode
    r"|[><=][0-9]*u"  # keys of the kitty protocol
    r")|\x1b\]22;(?:default|text|pointer)\x07"  # shape of the mouse's pointer
    r"|\r|\n"
)
_COLOUR = re.compile(r"(?:^|;)(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;|$)")
CLIPBOARD = "\x1b]52;"


def sequences(written: bytes) -> Iterator[str]:
    """Every control sequence and control character, in order. Raises UnicodeDecodeError where it is no UTF-8."""
    return (match.group() for match in _SEQUENCE.finditer(written.decode()))


def foreign(written: bytes) -> list[str]:
    """Those that the dashboard has no reason to write."""
    return [found for found in sequences(written) if not _ALLOWED.fullmatch(found)]


def colours(written: bytes) -> list[str]:
    """The sequences that choose a colour."""
    looks = (found for found in sequences(written) if found.startswith("\x1b[") and found.endswith("m"))
    return [look for look in looks if _COLOUR.search(look[2:-1])]


def text_of(written: bytes) -> str:
    """What is left without them."""
    return _SEQUENCE.sub(" ", written.decode())
