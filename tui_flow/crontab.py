"""A crontab made into the source of a DAG file: one DAG for each entry, with a BashOperator. Pure.

What a DAG cannot say (a schedule that is none) stays in the source as a comment and is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tui_flow.timetables import InvalidSchedule, timetable_of

_ASSIGNMENT = re.compile(r"""\s*(?P<quote>["']?)(?P<name>[A-Za-z_]\w*)(?P=quote)\s*=\s*(?P<value>.*?)\s*""")
_PRESET = re.compile(r"(@\w+)\s+(.+)")
_FIELDS = re.compile(r"((?:\S+\s+){5})(.+)")
_PERCENT = re.compile(r"(?<!\\)%")
_TEMPLATE = re.compile(r"\{[{%#]")
_TEMPLATE_FILES = (".sh", ".bash")
_ZONES = ("CRON_TZ", "TZ")
_RUNNERS = ("env", "exec", "nice", "ionice", "flock", "sudo", "cd", "test", "bash", "sh", "python", "python3", "if")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a crontab that runs something."""

    line: int
    dag_id: str
    schedule: str
    command: str
    """As bash is to run it: with `%` taken as cron takes it."""
    comment: str = ""
    """The comment lines right above it."""
    env: tuple[tuple[str, str], ...] = ()
    timezone: str = ""
    """Of `CRON_TZ`; empty: the machine's."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that no DAG can be made of."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Crontab:
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def parse_crontab(text: str) -> Crontab:
    """What a user's crontab, in the form of `crontab -l`, holds."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    env: dict[str, str] = {}
    comment: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("#"):
            comment.append(stripped.lstrip("# "))
            continue
        if stripped and (found := _ASSIGNMENT.fullmatch(line)):
            env[found["name"]] = _unquoted(found["value"])
        elif stripped:
            made = _entry(number, stripped, env, " ".join(comment), [entry.dag_id for entry in entries])
            if isinstance(made, Entry):
                entries.append(made)
            else:
                problems.append(made)
        comment = []
    return Crontab(tuple(entries), tuple(problems))


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if is_quoted else value


def _entry(number: int, line: str, env: dict[str, str], comment: str, taken: Sequence[str]) -> Entry | Problem:
    found = (_PRESET if line.startswith("@") else _FIELDS).fullmatch(line)
    if found is None:
        return Problem(number, line, "neither five fields and a command, nor NAME=value")
    schedule, words = " ".join(found[1].split()), found[2].strip()
    schedule = "@after_boot" if schedule == "@reboot" else schedule
    zone = next((env[name] for name in _ZONES if env.get(name)), "")
    try:
        timetable_of(schedule, timezone=zone or "UTC", dialect="tui_flow")
    except (InvalidSchedule, ValueError) as err:
        return Problem(number, line, str(err))
    if "{% endraw %}" in words or any("{% endraw %}" in value for value in env.values()):
        return Problem(number, line, "holds {% endraw %}, which a template cannot")
    kept = tuple((name, value) for name, value in env.items() if name not in (*_ZONES, "SHELL", "MAILTO"))
    return Entry(number, _dag_id(words, taken), schedule, _command(words), comment, kept, zone)


def _command(words: str) -> str:
    """The first `%` ends the command, its input follows, each further `%` is a new line; `\\%` a percent sign."""
    command, *given = (part.replace("\\%", "%") for part in _PERCENT.split(words))
    if not given:
        return command.strip()
    marker = "CRON_INPUT"
    while marker in given:
        marker += "_"
    return "\n".join([f"({command.strip()}", f") <<'{marker}'", *given, marker])


def _dag_id(words: str, taken: Sequence[str]) -> str:
    """Named after the program, or the script that it is given."""
    words = re.sub(r"^cd\s[^;&]*(?:;|&&)\s*", "", words)
    names = (re.sub(r"\.\w+$", "", word.rstrip(";").split("/")[-1]) for word in words.split())
    plain = (re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") for name in names if "=" not in name and name[:1] != "-")
    base = next((name for name in plain if name and name not in _RUNNERS and not name.isdigit()), "") or "cron"
    base, number = f"cron_{base}"[:100] if not base.startswith("cron") else base[:100], 2
    dag_id = base
    while dag_id in taken:
        dag_id, number = f"{base}_{number}", number + 1
    return dag_id


def dag_source(crontab: Crontab, origin: str) -> str:
    """A DAG file that does what the crontab does; `origin` says where that came from."""
    return "\n".join([*_head(crontab, origin), *(line for entry in crontab.entries for line in _dag(entry))]) + "\n"


def _head(crontab: Crontab, origin: str) -> Iterator[str]:
    count = len(crontab.entries)
    yield f'"""Made from {_comment(origin)}: {count} {"entry" if count == 1 else "entries"}.'.replace("\\", "/")
    yield ""
    yield "The DAGs are paused at first, because cron goes on running its own entries. For each: remove it there"
    yield "(`crontab -e`), then `tuiflow unpause` its DAG."
    yield '"""'
    yield ""
    for problem in crontab.problems:
        yield f"# Left out, line {problem.line}: {_comment(problem.reason)}"
        yield f"#   {_comment(problem.text)}"
    yield "import os"
    if any(entry.timezone for entry in crontab.entries):
        yield "from datetime import datetime"
        yield "from zoneinfo import ZoneInfo"
    yield ""
    yield "from tui_flow import DAG"
    yield "from tui_flow.operators.bash import BashOperator"
    yield ""
    yield 'HOME = os.path.expanduser("~")'


def _comment(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text).strip().replace('"""', "'''")


def _dag(entry: Entry) -> Iterator[str]:
    zone = [f"    start_date=datetime(2000, 1, 1, tzinfo=ZoneInfo({entry.timezone!r})),"] if entry.timezone else []
    told = [f"    description={entry.comment!r},"] if entry.comment else []
    yield ""
    yield "with DAG("
    yield f"    {entry.dag_id!r},"
    yield f"    schedule={entry.schedule!r},"
    yield from zone
    yield "    catchup=False,"
    yield "    is_paused_upon_creation=True,"
    yield '    tags=["cron"],'
    yield from told
    yield "):"
    yield "    BashOperator("
    yield '        task_id="run",'
    yield f"        bash_command={_template(entry.command)!r},"
    yield f"        env={ {name: _template(value) for name, value in entry.env}!r},"
    yield "        append_env=True,"
    yield "        cwd=HOME,"
    yield "    )"


def _template(text: str) -> str:
    """As a template that renders to the text: braces stay, and the name of a script is not taken for a file."""
    is_safe = not _TEMPLATE.search(text) and not text.endswith(_TEMPLATE_FILES)
    return text if is_safe else f"{{% raw %}}{text}{{% endraw %}}"
