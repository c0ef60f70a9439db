"""To the clipboard of whoever looks at the terminal: through tmux where that is between, else by the terminal."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping

MOST_BASE64_BYTES = 74_994
"""Terminals drop longer ones."""


def copy(text: str, write: Callable[[str], None], environ: Mapping[str, str] = os.environ) -> str | None:
    """How it was copied, in words; None where the text is too long for any way."""
    if environ.get("TMUX") and shutil.which("tmux"):
        done = subprocess.run(["tmux", "load-buffer", "-w", "-"], input=text.encode("utf-8", "replace"), check=False)
        if done.returncode == 0:
            return "through tmux (prefix ] pastes; the terminal's own paste needs OSC 52 in tmux)"
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
    if len(encoded) > MOST_BASE64_BYTES:
        return None
    sequence = f"\x1b]52;c;{encoded}\x07"
    if environ.get("STY"):  # inside GNU screen
        sequence = f"\x1bP{sequence}\x1b\\"
    write(sequence)
    return "by the terminal (OSC 52)"
