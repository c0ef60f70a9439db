"""
### Folder backup

Packs a folder into `backup-<time>.tar.gz`, unpacks that again elsewhere to compare every file's checksum with the
original, and removes the oldest archives. A folder that has not changed since the last backup is left alone.

By default it backs up the samples' own data: try `-p folder=~/documents -p keep=30`.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from tui_flow import DAG, Param, TaskGroup, task
from tui_flow.operators.bash import BashOperator

DATA = Path(__file__).parent / "data"
RESULTS = Path(os.environ.get("TUIFLOW_HOME") or "~/.tuiflow").expanduser() / "results" / "folder_backup"

# Values reach the shell as environment variables, never as part of the command: no file name can be mistaken for code.
SHELL_ENV = {
    "FOLDER": "{{ params.folder | path }}",
    "ARCHIVE": "{{ params.results | path }}/backup-{{ ts_nodash }}.tar.gz",
    "SUMS": "{{ params.results | path }}/sums-{{ ts_nodash }}.txt",
}


def expanded(path: str) -> str:
    return str(Path(path).expanduser())


def bash(task_id: str, command: str) -> BashOperator:
    command = f"set -euo pipefail\n{command}"
    return BashOperator(task_id=task_id, bash_command=command, env=SHELL_ENV, append_env=True)


@task.short_circuit
def has_changed(params=None) -> bool:
    """False, which skips the rest, if no file is newer, gone or added since the newest archive."""
    folder, results = Path(expanded(params["folder"])), Path(expanded(params["results"]))
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder; choose another with -p folder=...")
    if results.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{results} lies inside {folder}: each backup would hold all those before it")
    results.mkdir(parents=True, exist_ok=True)
    before, now = results / "listing.txt", results / "listing.new"
    now.write_text(listing(folder))
    if not params["force"] and archives(results) and before.exists() and before.read_text() == now.read_text():
        print("nothing has changed since the last backup")
        return False
    return True


def listing(folder: Path) -> str:
    """One line for each path below the folder: size, time of the last change, name."""
    paths = [folder, *sorted(folder.rglob("*"))]
    return "".join(f"{stat.st_size} {stat.st_mtime_ns} {path!r}\n" for path in paths for stat in [path.lstat()])


def archives(folder: Path) -> list[Path]:
    """Oldest first: their names hold the time."""
    return sorted(folder.glob("backup-*.tar.gz"))


@task
def rotate(params=None) -> list[str]:
    """Removes all but the newest archives, and marks what is now backed up."""
    results = Path(expanded(params["results"]))
    for old in archives(results)[: -params["keep"]]:
        print(f"removing {old.name}")
        old.unlink()
        old.with_name(old.name.replace("backup-", "sums-").replace(".tar.gz", ".txt")).unlink(missing_ok=True)
    (results / "listing.new").replace(results / "listing.txt")
    return [archive.name for archive in archives(results)]


with DAG(
    "folder_backup",
    schedule="30 2 * * *",
    start_date=datetime(2025, 1, 1),
    tags=["sample", "backup"],
    doc_md=__doc__,
    max_active_runs=1,
    params={
        "folder": Param(str(DATA), type="string", pattern="^[/~]", description="What to back up"),
        "keep": Param(7, type="integer", minimum=1, description="How many archives to keep"),
        "force": Param(False, type="boolean", description="Also when nothing has changed"),
        "results": Param(str(RESULTS), type="string", pattern="^[/~]", description="Folder for the archives"),
    },
    user_defined_filters={"path": expanded},
    default_args={"execution_timeout": timedelta(hours=2)},
):
    with TaskGroup("pack") as pack:
        checksums = bash(
            "checksums", 'cd "$FOLDER" && find . -type f -print0 | sort -z | xargs -0r sha256sum > "$SUMS"'
        )
        archive = bash("archive", 'tar -czf "$ARCHIVE.part" -C "$FOLDER" .')
        checksums >> archive
    verify = bash(
        "verify",
        """
        unpacked=$(mktemp -d) && trap 'rm -rf "$unpacked"' EXIT
        tar -xzf "$ARCHIVE.part" -C "$unpacked"
        cd "$unpacked"
        if [ -s "$SUMS" ]; then sha256sum --check --quiet "$SUMS"; fi
        mv "$ARCHIVE.part" "$ARCHIVE"
        echo "$(wc -l < "$SUMS") files verified in $ARCHIVE"
        """,
    )
    has_changed() >> pack >> verify >> rotate()
