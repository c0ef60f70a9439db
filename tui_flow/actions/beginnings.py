"""The first steps in an empty home: what is put in the DAGs folder, and which folder that is.

Nothing is overwritten.
"""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

from tui_flow.errors import BadInput, HomeNotWritable, NotPossible
from tui_flow.settings import Home

CRON_FILE = "from_crontab.py"
EXAMPLES: Mapping[str, str] = {
    "hello.py": '''"""The smallest DAG: one task, every hour."""

from tui_flow import dag, task


@dag(schedule="@hourly", catchup=False, tags=["example"])
def hello():
    @task
    def say():
        print("hello from tuiflow")

    say()


hello()
''',
    "fan_out.py": '''"""One task for each element of a list, then one that takes all results."""

from tui_flow import dag, task


@dag(schedule=None, tags=["example"])
def fan_out():
    @task
    def numbers():
        return [1, 2, 3, 4]

    @task
    def square(number):
        return number * number

    @task
    def total(squares):
        print("sum of squares:", sum(squares))

    total(square.expand(number=numbers()))


fan_out()
''',
    "nightly_backup.py": '''"""Shell commands one after the other, every night; a failed one is tried again."""

from tui_flow import DAG
from tui_flow.operators.bash import BashOperator

with DAG("nightly_backup", schedule="0 2 * * *", catchup=False, tags=["example"]):
    pack = BashOperator(
        task_id="pack",
        bash_command="tar -czf /tmp/tuiflow-example.tar.gz -C / etc/hostname && echo packed",
        retries=2,
    )
    check = BashOperator(task_id="check", bash_command="tar -tzf /tmp/tuiflow-example.tar.gz")
    pack >> check
''',
}


def users_crontab() -> str:
    """What `crontab -l` prints; empty where the user has none. Raises NotPossible where it cannot be asked."""
    try:
        done = subprocess.run(["crontab", "-l"], capture_output=True, text=True, errors="replace", timeout=10)
    except FileNotFoundError as err:
        raise NotPossible("there is no `crontab` program here; give a file: `tuiflow import crontab FILE`") from err
    except (OSError, subprocess.TimeoutExpired) as err:
        raise NotPossible(f"`crontab -l` failed: {err}") from err
    if done.returncode and "no crontab" not in done.stderr:
        raise NotPossible(f"`crontab -l` failed: {done.stderr.strip()}")
    return "" if done.returncode else done.stdout


def write_dag_files(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Raises NotPossible, and writes none, where one of them is there already."""
    paths = [folder / name for name in files]
    for path in paths:
        if path.exists():
            raise NotPossible(f"{path} is there already; rename or remove it first")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, files.values(), strict=True):
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as err:
        raise HomeNotWritable(f"cannot write in {folder}: {err.strerror}; make it writable for you") from err
    return paths


def use_dags_folder(home: Home, folder: Path) -> None:
    """Let `tuiflow.toml` name the folder; everything else in it stays as it is."""
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder; make it first or give another one")
    path = home.settings_file
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if "dags_folder" in tomllib.loads(text).get("core", {}):
            raise NotPossible(f"{path} names a dags_folder already; change it there")
        home.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(_with_folder(text, folder), encoding="utf-8")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise HomeNotWritable(f"{path} cannot be changed: {err}") from err


def _with_folder(text: str, folder: Path) -> str:
    quoted = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    line = f'dags_folder = "{quoted}"\n'
    header = re.search(r"^\s*\[core\][^\n]*(\n|$)", text, re.MULTILINE)
    if header is None:
        return f"{text.rstrip()}\n\n[core]\n{line}".lstrip()
    start = text[: header.end()]
    return (start if start.endswith("\n") else f"{start}\n") + line + text[header.end() :]


def systemd_unit(home: Home, program: str) -> str:
    """The text of a user unit that keeps the scheduler running."""
    return f"""[Unit]
Description=tuiflow scheduler

[Service]
Type=notify
WatchdogSec=60
Environment="TUIFLOW_HOME={home.root}"
ExecStart={program} scheduler
Restart=on-failure
KillMode=process

[Install]
WantedBy=default.target
"""
