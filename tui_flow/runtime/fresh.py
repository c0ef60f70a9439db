"""An attempt in a fresh interpreter, for files that are unsafe to fork from: `python -m tui_flow.runtime.fresh`.

Descriptor 8 holds the orders, 9 the journal with its lock; 1 and 2 are the pipes that the host pumps.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from tui_flow.journal import Journal
from tui_flow.logs import CappedLog
from tui_flow.messages import Workload
from tui_flow.runtime import attempt
from tui_flow.runtime.file_backend import importing
from tui_flow.runtime.output import AttemptOutput
from tui_flow.runtime.reports import utc_now
from tui_flow.runtime.served import ServeFailed, serve_file
from tui_flow.runtime.spawn import prepare


def main() -> int:
    os.umask(0o077)
    with open(8, "rb") as file:
        orders = json.load(file)
    workload = Workload.from_dict(orders["workload"])
    journal = Journal(9)
    os.set_inheritable(9, False)
    if not attempt.claim(workload, journal, orders["config"], is_masked=orders["is_masked"]):
        return 0
    attempt.become_attempt(workload, journal)
    config = orders["config"]
    log = CappedLog(Path(workload.log), config["log_head_bytes"], config["log_tail_bytes"])
    try:
        with importing(Path(config["socket"])):
            served = serve_file(orders["load"])
    except ServeFailed as err:
        journal.write_result({"state": "failed", "reason": str(err), "at": utc_now()})
        return 1
    output = AttemptOutput(served.masker)
    output.redirect(log)
    try:
        return prepare(config, served, workload, journal, output)()
    finally:
        output.finish()


if __name__ == "__main__":
    code = main()
    os._exit(code)
