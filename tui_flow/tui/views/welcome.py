"""The first page of a home without DAGs: what can be done, and a preview of what that would bring."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

from tui_flow.actions.beginnings import CRON_FILE, EXAMPLES
from tui_flow.crontab import Crontab, dag_source
from tui_flow.tui.palette import BAD, BOLD, DIM
from tui_flow.tui.text import Piece, Row, fit, plain, width_of

AIRFLOW = """The same: DAG, @dag, @task, operators, sensors, hooks, XCom, params, pools, variables, connections, \
trigger rules, mapping, task groups, assets, deferral, callbacks, retries, catchup, backfill, clear, mark.
`import airflow` in DAG files works without Airflow: put your DAG files into the DAGs folder. They start paused. \
`tuiflow check FILE` says what in a file is not understood.

Different: one machine, one process that schedules, one SQLite file; no webserver, broker or workers.
  airflow standalone             tuiflow up, then tuiflow
  airflow dags trigger X         tuiflow trigger X
  airflow dags test X            tuiflow run X
  airflow tasks clear X          tuiflow clear X
  airflow variables import F     tuiflow variables import F (pools and connections, too)
  airflow.cfg                    tuiflow.toml; `tuiflow config show`"""


@dataclass(frozen=True, slots=True)
class Welcome:
    folder: Path
    crontab: Crontab | None = None
    """None: it was not read yet, or cannot be."""
    cron_problem: str = ""
    unit: str = ""
    is_scheduling: bool = False
    files: int = 0
    """Python files in the folder."""


def choice_rows(welcome: Welcome) -> list[Row]:
    rows = [
        ("example", "e", "Create the examples", f"{len(EXAMPLES)} small DAGs to run and read"),
        ("import_cron", "i", "Import my crontab", _cron_words(welcome)),
        ("folder", "d", "Use another folder", "where your DAG files are"),
        ("know_airflow", "a", "I know Airflow", "what is the same, what differs"),
    ]
    if not welcome.is_scheduling:
        rows.append(("start", "S", "Start the scheduler", "in the background, or by systemd (see below)"))
    return [
        Row(key, ((f" {letter}  ", BOLD), (fit(words, 24), None), (told, DIM))) for key, letter, words, told in rows
    ]


def _cron_words(welcome: Welcome) -> str:
    if welcome.crontab is None:
        return plain(welcome.cron_problem) or "reading it ..."
    count = len(welcome.crontab.entries)
    return f"{count} {'entry' if count == 1 else 'entries'} found (cron is not changed)" if count else "it is empty"


def where(welcome: Welcome, width: int) -> str:
    """The folder that is looked at, whole where that is possible; of files that are there, what they wait for."""
    if welcome.files:
        count = f"1 file in {plain(welcome.folder)} is" if welcome.files == 1 else ""
        count = count or f"{welcome.files} files in {plain(welcome.folder)} are"
        waits = "being loaded" if welcome.is_scheduling else "not loaded yet: S starts the scheduler, which loads them"
        told = f" {count} {waits}"
        short = f" {welcome.files} file{'s' * (welcome.files > 1)}, {waits.partition(',')[0]}"
        return told if width_of(told) <= width else short
    long = f" No DAGs yet. tuiflow looks for Python files in {plain(welcome.folder)}"
    return long if width_of(long) <= width else f" No DAGs yet in {plain(welcome.folder)}"


def preview_rows(welcome: Welcome, choice: object, width: int) -> list[Row]:
    """What the choice at the cursor would do; code as it is, prose in lines of at most `width` cells."""
    prose = _prose(welcome, choice)
    texts = [line for text in prose for line in _wrapped(text, width - 3)] or _preview(welcome, choice).splitlines()
    lines = [_line(text) for text in texts]
    problems = welcome.crontab.problems if choice == "import_cron" and welcome.crontab else ()
    left_out: list[tuple[Piece, ...]] = [
        ((f"  line {each.line} is left out: {plain(each.reason)}", BAD),) for each in problems
    ]
    told: list[tuple[Piece, ...]] = []
    if choice == "import_cron" and welcome.crontab and welcome.crontab.entries:
        told = [(("  enter writes this file; cron is not changed", BOLD),)]
    return [Row(index, pieces) for index, pieces in enumerate([*told, *left_out, *lines])]


def _line(text: str) -> tuple[Piece, ...]:
    return ((f"  {plain(text)}", DIM if text.startswith("#") else None),)


def _prose(welcome: Welcome, choice: object) -> list[str]:
    if choice == "know_airflow":
        return AIRFLOW.split("\n")
    if choice == "import_cron" and welcome.crontab is None:
        return [plain(welcome.cron_problem)]
    if choice == "folder":
        return ["Enter asks for the folder, and writes it into tuiflow.toml. The files in it are not touched."]
    return []


def _wrapped(text: str, width: int) -> list[str]:
    """What stands in two columns goes on in the second."""
    left, gap, _ = text.partition("   ")
    column = len(text) - len(text[len(left) :].lstrip()) if gap and left.strip() else 0
    return wrap(text, max(width, 20), subsequent_indent=" " * column, replace_whitespace=False) or [""]


def _preview(welcome: Welcome, choice: object) -> str:
    if choice == "example":
        return "\n".join(f"# {welcome.folder / name}\n{text}" for name, text in EXAMPLES.items())
    if choice == "import_cron" and welcome.crontab and welcome.crontab.entries:
        return f"# {welcome.folder / CRON_FILE}\n{dag_source(welcome.crontab, 'your crontab')}"
    if choice == "start":
        return f"{_SYSTEMD}{welcome.unit}"
    return ""


_SYSTEMD = """# enter: in the background (as `tuiflow up`), until you stop it or the machine goes down.
# To have it after every boot, put this into ~/.config/systemd/user/tuiflow.service, and then:
#   systemctl --user enable --now tuiflow && loginctl enable-linger
"""
