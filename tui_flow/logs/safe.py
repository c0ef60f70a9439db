"""Text that came from somewhere else, made harmless before it reaches a terminal."""

from __future__ import annotations

import re

_INVISIBLE = (
    "\u061c\u180e\u200b-\u200c\u200e-\u200f"  # Arabic mark, vowel separator, zero width, direction marks
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # line separators, bidi controls, joiners, annotations
    "\U000e0000-\U000e007f"  # tags
)
_UNSAFE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200d\ud800-\udfff{_INVISIBLE}]")
_EMOJI = re.compile("[\u200d\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]")


def safe(text: str) -> str:
    """`text` with everything that could steer a terminal or hide in a line shown as a picture (`␛`) or an escape.

    Newline and tab stay; so do zero-width joiners inside an emoji. Idempotent. Every string from a log, a file, a param
    or the database goes through here on its way to a screen.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if char == "\u200d" and _joins_emoji(match):
        return char
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _joins_emoji(match: re.Match[str]) -> bool:
    before, after = match.string[max(match.start() - 1, 0) : match.start()], match.string[match.end() : match.end() + 1]
    return bool(_EMOJI.fullmatch(before) and _EMOJI.fullmatch(after) and after != "\u200d" and before != "\u200d")
