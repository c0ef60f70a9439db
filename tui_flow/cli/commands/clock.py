"""`tuiflow clock ...`."""

from __future__ import annotations

from typing import Any

from tui_flow.cli.act import ask
from tui_flow.cli.background import running_scheduler
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.show import say
from tui_flow.errors import NotPossible
from tui_flow.settings import home_from_environment

app = group_app("Say that the machine's clock is right where the scheduler doubts it.")


@command(app, "accept", example="tuiflow clock accept")
def accept() -> None:
    """Believe the clock: schedule by it again, whatever this home has seen before."""
    home = home_from_environment()
    if running_scheduler(home) is None:
        raise NotPossible("no scheduler is running that could doubt the clock; `tuiflow up` starts one")
    answer: Any = ask(home, "accept_clock", {})
    say(f"the clock is believed, although {answer['doubt']}" if answer["doubt"] else "the clock was not in doubt")
