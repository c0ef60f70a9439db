"""A scheduler that ends by a defect starts again by itself, a few times: nobody may look at it for weeks."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable

from tui_flow.errors import TuiflowError
from tui_flow.runtime.processes import python_module

_log = logging.getLogger("tui_flow.scheduler")
CRASHES = "TUIFLOW_SCHEDULER_CRASHES"
"""Environment: when earlier schedulers of this process crashed, monotonic seconds with commas between."""
MOST_CRASHES = 5
WITHIN_S = 60.0
_FIRST_PAUSE_S = 0.5


def restarting(
    run: Callable[[], None],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    execute: Callable[[str, list[str]], object] = os.execv,
) -> None:
    """Run it; after a defect replace this process by a new scheduler, a little later each time.

    What the user can mend (`TuiflowError`) ends it at once, and so does the fifth crash within a minute."""
    crashes = [float(at) for at in os.environ.pop(CRASHES, "").split(",") if at]
    try:
        run()
    except TuiflowError:
        raise
    except Exception:
        crashes = [*(at for at in crashes if at > clock() - WITHIN_S), clock()]
        if len(crashes) >= MOST_CRASHES:
            _log.error("%d crashes within %g s: the scheduler stays down", len(crashes), WITHIN_S)
            raise
        pause = _FIRST_PAUSE_S * 2 ** (len(crashes) - 1)
        _log.exception("the scheduler crashed, a defect of tuiflow; it starts again in %g s", pause)
        sleep(pause)
        os.environ[CRASHES] = ",".join(map(str, crashes))
        command = [*python_module("tui_flow"), "scheduler"]
        execute(command[0], command)
