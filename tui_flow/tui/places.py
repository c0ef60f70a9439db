"""Where somebody is in the dashboard, and how they come back there after a dropped connection."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """A page and what it is about."""

    page: str
    dag_id: str = ""
    run_id: str = ""
    task_id: str = ""
    map_index: int = -1
    try_number: int = 0
    """0: the newest."""
    tab: str = ""
    line: int = 0
    """Of the DAG's file, as the run had it; the first is 1, 0: none is wanted."""


HOME = Place("dags")


def state_file(home_root: Path) -> Path:
    """One for each home, below `$XDG_STATE_HOME`."""
    base = Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser()
    name = str(home_root.absolute()).strip("/").replace("/", "-") or "root"
    return base / "tuiflow" / f"ui-{name[-80:]}.json"


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered from one time to the next."""

    places: tuple[Place, ...] = (HOME,)
    choices: Mapping[str, Any] = field(default_factory=dict)
    """What pages were told to show, by page: sort, filter, levels, wrap."""


def read_memory(path: Path) -> Memory:
    """Nothing remembered where the file is missing or makes no sense."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        places = tuple(Place(**place) for place in data["places"]) or (HOME,)
        return Memory(places, dict(data["choices"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Memory((HOME,), {})


def write_memory(path: Path, places: Sequence[Place], choices: Mapping[str, Any]) -> None:
    """A place that cannot be written is not worth an error: the dashboard opens at its first page next time."""
    text = json.dumps({"places": [asdict(place) for place in places], "choices": dict(choices)})
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
