"""The version of the program, where reading it costs nothing (package metadata costs 40 ms)."""

from __future__ import annotations

VERSION = "0.1.0"
