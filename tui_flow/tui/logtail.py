"""The end of a task's log, as pages show it beside other things."""

from __future__ import annotations

from tui_flow.logs import LogLine, log_path, parse_line, read_tail
from tui_flow.records import DagRun, TaskInstance
from tui_flow.settings import Home

TAIL_BYTES = 16 * 1024


def log_tail(home: Home, run: DagRun, ti: TaskInstance, most_lines: int) -> list[LogLine]:
    """The last lines of the newest try; none where the task has never started."""
    if not ti.try_number:
        return []
    path = log_path(home.logs, run.dag_id, run.run_id, ti.task_id, ti.map_index, ti.try_number)
    return [parse_line(line) for line in read_tail(path, TAIL_BYTES).splitlines()[-most_lines:]]
