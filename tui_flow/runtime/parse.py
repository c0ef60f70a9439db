"""A host in mode `parse`: import one DAG file under limits, hand its DagSpecs or its import error to the scheduler,
exit."""

from __future__ import annotations

import time
from pathlib import Path

from tui_flow.loader.load import LoadRequest, load_file, set_parse_limits
from tui_flow.loader.parse_log import ParseLog
from tui_flow.messages import PROTOCOL, Message
from tui_flow.runtime.file_backend import importing
from tui_flow.runtime.link import SchedulerLink
from tui_flow.runtime.processes import name_process


def parse_main(config: Message, order: Message, parse_log: ParseLog) -> int:
    """Exit code 0 when the answer was handed over, whatever it says; anything else means that the file ended us."""
    name_process("tuiflow-parse")
    set_parse_limits(config["parse_memory_bytes"])
    with importing(Path(config["socket"])):
        loaded = load_file(LoadRequest.from_dict(order["load"]), parse_log)
    answer = {"kind": "parsed", "host_id": order["host_id"], "loaded": loaded.to_dict()}
    link = SchedulerLink(
        Path(config["socket"]),
        lambda: {"kind": "hello", "protocol": PROTOCOL, "role": "parse", "host_id": order["host_id"]},
    )
    deadline = time.monotonic() + 10
    while not link.try_connect():
        if time.monotonic() > deadline:
            return 0
        time.sleep(0.05)
    link.send(answer)
    link.flush()
    while link.wants_to_write and link.fd is not None:
        time.sleep(0.001)
        link.flush()
    link.close()
    return 0
