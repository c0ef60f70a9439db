"""
### System report

Measures disks, memory, load and the biggest folders at the same time, writes a report, keeps a history to compare with,
and warns in a task of its own when a disk is fuller than `warn_at` percent.
"""

from __future__ import annotations

import csv
import logging
import os
import socket
from datetime import datetime, timedelta
from pathlib import Path

from tui_flow import Param, chain, dag, task, task_group
from tui_flow.operators.bash import BashOperator

RESULTS = Path(os.environ.get("TUIFLOW_HOME") or "~/.tuiflow").expanduser() / "results" / "system_report"
log = logging.getLogger(__name__)


def rows_of(line: str) -> list[list[str]]:
    """Turns `a,b;c,d`, the one line that a shell task hands on, into rows."""
    return [row.split(",", 1) for row in line.split(";") if row]


@task_group
def measure() -> tuple:
    """Shell where a command has the answer, Python where /proc has it."""
    disks = BashOperator(
        task_id="disks",
        # Percent used and mount point of each real disk
        bash_command="""df -P -x tmpfs -x devtmpfs | awk 'NR > 1 { print $5+0 "," $6 }' | sort -rn | paste -sd ';'""",
        output_processor=rows_of,
    )
    folders = BashOperator(
        task_id="folders",
        # MiB and path of the ten biggest folders; what may not be read is left out
        bash_command="""du -xm -d 2 "$FOLDER" 2>/dev/null | sort -rn | head -n 10 | tr '\\t' ',' | paste -sd ';'""",
        env={"FOLDER": "{{ params.folder }}"},
        append_env=True,
        output_processor=rows_of,
        execution_timeout=timedelta(minutes=10),
    )
    return disks.output, folders.output, memory(), load()


@task
def memory() -> dict[str, int]:
    """MiB in all and MiB available."""
    lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    return {name: int(lines[key].split()[0]) // 1024 for name, key in [("total", "MemTotal"), ("free", "MemAvailable")]}


@task
def load() -> dict[str, float]:
    """Processes that ran or waited to run, per processor, over the last 1, 5 and 15 minutes."""
    processors = os.cpu_count() or 1
    return {
        f"{minutes} min": round(value / processors, 2)
        for minutes, value in zip((1, 5, 15), os.getloadavg(), strict=True)
    }


@task
def write_report(disks: list, folders: list, memory: dict, load: dict, params=None, ts=None) -> str:
    folder = Path(params["results"])
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{socket.gethostname()}, {ts}", "", f"memory: {memory['free']} of {memory['total']} MiB available"]
    lines += ["load per processor: " + ", ".join(f"{value} ({span})" for span, value in load.items()), ""]
    lines += ["disk used:", *(f"{int(percent):7} %   {mount}" for percent, mount in disks), ""]
    lines += [f"biggest below {params['folder']}:", *(f"{int(mib):7} MiB {path}" for mib, path in folders)]
    report = folder / "report.txt"
    report.write_text("\n".join(lines) + "\n")
    print(report.read_text())
    return str(report)


@task
def keep_history(disks: list, memory: dict, load: dict, params=None, ts=None) -> None:
    """Adds one line to history.csv: time, MiB available, load, percent used of the fullest disk."""
    folder = Path(params["results"])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "history.csv").open("a", newline="") as file:
        csv.writer(file).writerow([ts, memory["free"], load["5 min"], fullest(disks)])


def fullest(disks: list) -> int:
    return max((int(percent) for percent, _ in disks), default=0)


@task.short_circuit
def is_nearly_full(disks: list, params=None) -> bool:
    return fullest(disks) >= params["warn_at"]


@task
def warn(disks: list, params=None) -> None:
    for percent, mount in disks:
        if int(percent) >= params["warn_at"]:
            log.warning("%s is %s %% full", mount, percent)


@dag(
    schedule="@hourly",
    start_date=datetime(2025, 1, 1),
    tags=["sample", "system"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        "folder": Param(str(Path.home()), type="string", pattern="^/", description="Where to look for big folders"),
        "warn_at": Param(90, type="integer", minimum=1, maximum=100, description="Percent used of a disk"),
        "results": Param(str(RESULTS), type="string", minLength=1, description="Folder for report and history"),
    },
)
def system_report():
    disks, folders, memory, load = measure()
    write_report(disks, folders, memory, load)
    keep_history(disks, memory, load)
    chain(is_nearly_full(disks), warn(disks))


system_report()
