"""Where an attempt's log is, how it is written, read and followed.

What runs inside an attempt (`sys.stdout`, `logging`) is in `logs.streams`; it is not imported here, so that front ends
start faster.
"""

from __future__ import annotations

from tui_flow.logs.capped import CappedLog, close_log, log_path
from tui_flow.logs.lines import Join, Level, LineStamper, LogLine, Masker, NoSecrets, Source, parse_line, stamp
from tui_flow.logs.reading import Followed, LogFollower, read_tail
from tui_flow.logs.safe import safe

__all__ = [
    "CappedLog",
    "Followed",
    "Join",
    "Level",
    "LineStamper",
    "LogFollower",
    "LogLine",
    "Masker",
    "NoSecrets",
    "Source",
    "close_log",
    "log_path",
    "parse_line",
    "read_tail",
    "safe",
    "stamp",
]
