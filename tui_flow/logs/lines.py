"""The format of a log line: made by `LineStamper` and `stamp`, read by `parse_line`.

    2026-11-20T10:54:01.123456Z INFO  stdout  text
    |                           |     |      |
    when (UTC)                  level source ` ` a line, `|` one more line of its record, `+` the same line continues

Every column has a fixed width, so that `less`, `grep` and `cut` serve as well as our own screens.
"""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

MAX_LINE_CHARS = 64 * 1024
"""Longer lines are cut into several, the later ones marked `+`."""
PROGRESS_EVERY_NS = 5_000_000_000
"""Of a progress bar that redraws itself with carriage returns, one state this often is kept."""
_TOKENS = re.compile(r"[^\r\n]+|\r+\n|\r+|\n")


class Source(StrEnum):
    """Who wrote a line."""

    TASK = "task"
    """The `logging` module inside the attempt."""
    STDOUT = "stdout"
    STDERR = "stderr"
    TRIGGER = "trigger"
    """What a deferred task waits for."""
    TUIFLOW = "tuiflow"


class Level(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"
    CRIT = "CRIT"


class Join(StrEnum):
    """How a line goes with the one before it."""

    NEW = " "
    RECORD = "|"
    """Another line of the same log record, such as a traceback."""
    SAME = "+"
    """The same line, which was too long."""


class Masker(Protocol):
    """What this package asks of the registry of secrets."""

    @property
    def longest(self) -> int:
        """Length of the longest secret in any of its forms, in characters."""

    def redact(self, text: str) -> str:
        """`text` with every secret in it replaced."""


class NoSecrets:
    """The masker of a process that knows no secrets."""

    longest = 0

    def redact(self, text: str) -> str:
        return text


@dataclass(frozen=True, slots=True)
class LogLine:
    """One parsed line. A line that is not in our format keeps its text, without time and source."""

    at: datetime | None
    level: Level
    source: Source | None
    text: str
    """As it was written: pass it through `safe` before a terminal sees it."""
    join: Join = Join.NEW


PLAIN_SOURCES = (Source.STDOUT, Source.STDERR)
"""What is printed has no level of its own: it counts as INFO."""


def lead_of(line: LogLine) -> str:
    """What is shown before the text of a line: its level, or of plain output the stream."""
    is_plain = line.level is Level.INFO and line.source in PLAIN_SOURCES
    return str(line.source if is_plain else line.level)


_SOURCES = {str(source).ljust(7): source for source in Source}
_LEVELS = {str(level).ljust(5): level for level in Level}
_JOINS = {str(join): join for join in Join}


def parse_line(line: str) -> LogLine:
    """The parts of one line, with or without its newline."""
    line = line.removesuffix("\n")
    level, source, join = _LEVELS.get(line[28:33]), _SOURCES.get(line[34:41]), _JOINS.get(line[41:42])
    if level and source and join is not None and line[26:28] == "Z ":
        try:
            return LogLine(datetime.fromisoformat(line[:27]), level, source, line[42:], join)
        except ValueError:
            pass
    return LogLine(None, Level.INFO, None, line)


class _Clock:
    """Formats instants; the part up to the second is made once a second."""

    def __init__(self) -> None:
        self._second, self._prefix = -1, ""

    def format(self, at_ns: int) -> str:
        second, rest = divmod(at_ns, 1_000_000_000)
        if second != self._second:
            self._second, self._prefix = second, datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        return f"{self._prefix}{rest // 1000:06d}Z"


_CLOCK = _Clock()


def stamp(
    text: str, source: Source, level: Level = Level.INFO, join: Join = Join.NEW, at_ns: int | None = None
) -> bytes:
    """One line for the disk. `text` holds no newline; NUL becomes `\\x00`, so that `grep` takes the file for text."""
    when = _CLOCK.format(time.time_ns() if at_ns is None else at_ns)
    if "\0" in text:
        text = text.replace("\0", "\\x00")
    return f"{when} {level:5} {source:7}{join}{text}\n".encode("utf-8", "backslashreplace")


def stamp_record(text: str, source: Source, level: Level, masker: Masker, at_ns: int | None = None) -> bytes:
    """The lines of one log record, which may have several and be of any length. Secrets are masked."""
    join, out = Join.NEW, []
    for line in masker.redact(text).split("\n"):
        for piece in _pieces(line.removesuffix("\r")):
            out.append(stamp(piece, source, level, join, at_ns))
            join = Join.SAME
        join = Join.RECORD
    return b"".join(out)


def _pieces(line: str) -> Iterator[str]:
    for start in range(0, len(line) or 1, MAX_LINE_CHARS):
        yield line[start : start + MAX_LINE_CHARS]


class LineStamper:
    """Turns a stream of bytes into stamped lines; how the bytes were cut into chunks makes no difference.

    A line is masked when it is complete. Of a line that is too long for that, only what no secret can reach into any
    more is let go. A carriage return starts the line anew, as on a terminal.
    """

    def __init__(
        self,
        source: Source,
        level: Level = Level.INFO,
        masker: Masker | None = None,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._source, self._level, self._now_ns = source, level, now_ns
        self._masker: Masker = NoSecrets() if masker is None else masker
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._raw = ""
        """The end of the unfinished line, not yet masked."""
        self._masked = ""
        """What of the unfinished line is masked and waits for its piece to be full."""
        self._join = Join.NEW
        self._is_rewound = False
        self._progress_ns = now_ns()

    def feed(self, data: bytes) -> bytes:
        """The stamped lines that `data` completes."""
        return self.feed_text(self._decoder.decode(data))

    def feed_text(self, text: str) -> bytes:
        if not ("\r" in text or self._is_rewound or len(text) > MAX_LINE_CHARS or self._masked):
            return self._feed_plain(text)
        return b"".join(self._feed_tokens(text))

    def flush(self) -> bytes:
        """The unfinished last line, if there is one."""
        rest = self.feed_text(self._decoder.decode(b"", final=True))
        return rest + (b"".join(self._end_line()) if self._raw or self._masked else b"")

    def _feed_plain(self, text: str) -> bytes:
        *lines, rest = text.split("\n")
        out = []
        for line in lines:
            self._raw += line
            out += self._end_line()
        self._raw += rest
        return b"".join([*out, *self._let_go()])

    def _feed_tokens(self, text: str) -> Iterator[bytes]:
        for token in _TOKENS.findall(text):
            if token[-1] == "\n":
                yield from self._end_line()
            elif token[0] == "\r":
                self._is_rewound = True
            else:
                if self._is_rewound:
                    yield from self._rewind()
                self._raw += token
                yield from self._let_go()

    def _rewind(self) -> Iterator[bytes]:
        """Forget the line so far, unless it is time to keep one state of the progress that it shows."""
        now_ns = self._now_ns()
        if self._raw and now_ns - self._progress_ns >= PROGRESS_EVERY_NS:
            self._progress_ns = now_ns
            yield from self._end_line()
        self._raw, self._masked, self._join, self._is_rewound = "", "", Join.NEW, False

    def _end_line(self) -> list[bytes]:
        at_ns = self._now_ns()
        out = []
        for piece in _pieces(self._masked + self._masker.redact(self._raw)):
            out.append(stamp(piece, self._source, self._level, self._join, at_ns))
            self._join = Join.SAME
        self._raw, self._masked, self._join, self._is_rewound = "", "", Join.NEW, False
        return out

    def _let_go(self) -> Iterator[bytes]:
        """Full pieces of a line that is too long to wait for its end."""
        if len(self._raw) <= MAX_LINE_CHARS + self._masker.longest:
            return
        self._mask_all_but_the_end()
        *full, self._masked = _pieces(self._masked)
        for piece in full:
            yield stamp(piece, self._source, self._level, self._join, self._now_ns())
            self._join = Join.SAME

    def _mask_all_but_the_end(self) -> None:
        """Mask up to a place that no secret straddles, and that one still to be completed cannot reach."""
        whole = self._masker.redact(self._raw)
        for cut in range(len(self._raw) - self._masker.longest, 0, -1):
            before, after = self._masker.redact(self._raw[:cut]), self._raw[cut:]
            if before + self._masker.redact(after) == whole:
                self._masked, self._raw = self._masked + before, after
                return
