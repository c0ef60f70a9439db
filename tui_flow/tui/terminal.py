"""The terminal's driver: Esc without a wait, and an end when the terminal is gone.

Textual's input thread sleeps 100 ms before it takes a lone Esc for the key; here it waits that long only while nothing
has been typed. When the connection drops, the kernel says so by a hang-up; some wrappers keep that signal back, and
then a read that gives nothing says it.
"""

from __future__ import annotations

import os
import selectors
import signal
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import Any

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from tui_flow.tui.first_frame import FRAME
from tui_flow.tui.painting import Canvas

_IDLE_S = 0.1
_ESC_S = 0.02
"""How long the rest of an escape sequence may take to arrive."""
_LARGEST_READ = 4096


class TerminalDriver(LinuxDriver):
    """As Textual's own, with a quick Esc; ends the app when the terminal is gone."""

    _skips_clearing = False

    def start_application_mode(self) -> None:
        if isinstance(canvas := getattr(self._app, "canvas", None), Canvas):
            canvas.forget()  # at the start, and whenever another program has had the terminal
        self._skips_clearing = FRAME.hand_over(self.fileno)
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def write(self, data: str) -> None:
        if self._skips_clearing and data == "\x1b[?1049h":
            self._skips_clearing = False  # the first frame is on that screen already, and this would wipe it
            return
        super().write(data)

    def run_input_thread(self) -> None:
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                is_waiting = parser._timeout_time is not None  # for the rest of a sequence, or for none
                if selector.select(_ESC_S if is_waiting else _IDLE_S):
                    try:
                        data = os.read(self.fileno, _LARGEST_READ)
                    except OSError:
                        data = b""
                    if not data:
                        leave_at_once()
                        return
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)


def leave_at_once() -> None:
    """Nobody can see or type any more."""
    os.kill(os.getpid(), signal.SIGTERM)


def on_hang_up(save: Callable[[], None]) -> None:
    """End this process, and nothing else, when its terminal goes; `save` is called first."""

    def end(_number: int, _frame: Any) -> None:
        save()
        os._exit(129)

    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, end)
