"""The command line: every name that one can jump to and everything that one can do, found by a few letters. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from tui_flow.records import Dag, DagRun
from tui_flow.tui.keys import ACTIONS, shown_key
from tui_flow.tui.palette import BOLD, DIM, Palette
from tui_flow.tui.places import Place
from tui_flow.tui.text import Piece, Row, fit, plain
from tui_flow.tui.views.dags import schedule_of

MOST = 200
"""So many hits are shown."""
FUZZY_BELOW = 8
"""With fewer hits than this, letters may also be scattered over a name."""
NEAR = 4000
"""Such names are looked for among so many, the nearest."""
MOST_RANKED = 1000
"""Of so many hits the best are shown."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that enter goes to or does: exactly one of place, sheet, verb and action says what."""

    kind: str
    name: str
    """What is looked for, and what the line says."""
    detail: str = ""
    place: Place | None = None
    sheet: tuple[object, ...] = ()
    """A sheet's name and what its class takes."""
    verb: tuple[str, Mapping[str, str | bool]] | None = None
    """Of `actions`, with its arguments."""
    action: str = ""
    """Id in `keys`."""


PAGES = (
    Target("page", "DAGs", place=Place("dags")),
    Target("page", "Activity", place=Place("activity")),
    Target("page", "Upcoming", place=Place("upcoming")),
    Target("page", "System", place=Place("system")),
)
ANYWHERE = ("view", "zone", "reload", "start", "undo", "help")


@dataclass(frozen=True, slots=True)
class Names:
    """What is in the database, by name."""

    dags: Sequence[Dag] = ()
    tasks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of the newest version of each DAG."""
    runs: Sequence[DagRun] = ()
    """Newest runs: of the DAG that one looks at, and of all."""


def targets_of(names: Names, here: Place, keymap: Mapping[str, str]) -> list[Target]:
    """What is nearest comes first: deeds on what one looks at, then places, then deeds on everything else."""
    found = _deeds_here(here) if here.dag_id else []
    found += PAGES
    for dag in names.dags:
        found.append(Target("DAG", dag.dag_id, schedule_of(dag), Place("dag", dag.dag_id, tab="grid")))
    for run in names.runs:
        place = Place("run", run.dag_id, run.run_id)
        found.append(Target("run", f"{run.dag_id} {run.run_id}", str(run.state), place))
    newest: dict[str, str] = {}
    for run in names.runs:
        newest.setdefault(run.dag_id, run.run_id)
    for dag_id, task_ids in names.tasks.items():
        found += [_task(dag_id, task_id, newest.get(dag_id)) for task_id in task_ids]
    for dag in names.dags:
        found += _deeds(dag)
    return found + [Target("do", ACTIONS[id].text, shown_key(ACTIONS[id], keymap), action=id) for id in ANYWHERE]


def _task(dag_id: str, task_id: str, run_id: str | None) -> Target:
    """Its row in the newest run, else in the DAG's grid."""
    place = Place("run", dag_id, run_id, task_id) if run_id else Place("dag", dag_id, "", task_id, tab="grid")
    return Target("task", f"{dag_id} {task_id}", "", place)


def _deeds_here(here: Place) -> list[Target]:
    """On the DAG and the run that one looks at."""
    dag_id, run = here.dag_id, here.run_id
    found = [
        Target("do", f"trigger {dag_id}", "t", sheet=("trigger", [dag_id])),
        Target("do", f"backfill {dag_id}", "b", sheet=("backfill", dag_id)),
    ]
    if run:
        place = Place("run", dag_id, run)
        found += [
            Target("do", f"{word} {dag_id} {run}", sheet=(sheet, place, ()))
            for word, sheet in (
                ("clear failed tasks of", "clear"),
                ("mark", "mark"),
                ("stop", "stop"),
                ("note on", "note"),
                ("delete run", "delete_run"),
            )
        ]
    return found


def _deeds(dag: Dag) -> list[Target]:
    dag_id = dag.dag_id
    turn = "resume" if dag.is_paused else "pause"
    tabs = ("diagram", "runs", "source", "info")
    return [
        Target("do", f"trigger {dag_id}", sheet=("trigger", [dag_id])),
        Target("do", f"{turn} {dag_id}", verb=("pause_dag", {"dag_id": dag_id, "is_paused": not dag.is_paused})),
        Target("do", f"backfill {dag_id}", sheet=("backfill", dag_id)),
        Target("do", f"delete {dag_id}", "with its history", sheet=("delete_dag", dag_id)),
        *(Target("go", f"{tab} {dag_id}", "", Place("dag", dag_id, tab=tab)) for tab in tabs),
    ]


class Finder:
    """Finds targets by what is typed: within the names' text as a whole, which costs less than name by name."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._all = list(targets)
        self._names = [target.name.lower().replace("\n", " ") for target in self._all]
        self._text = "\n".join(self._names)
        self._starts = list(accumulate((len(name) + 1 for name in self._names), initial=0))

    def find(self, text: str) -> list[Target]:
        """Each word must be in the name; the best first. No word: the nearest targets."""
        words = text.lower().split()
        if not words:
            return self._all[:MOST]
        best = sorted(self._with(words), key=lambda index: self._rank(index, words))[:MOST]
        if len(best) < FUZZY_BELOW:
            had = set(best)
            best += [index for index in self._scattered(words) if index not in had]
        return [self._all[index] for index in best[:MOST]]

    def _rank(self, index: int, words: Sequence[str]) -> tuple[int, int, int, int]:
        """Smaller is better: words at the beginning of a part of the name, words that are a whole part, then what is
        nearest, then short names. Of a deed the name is what it is done to, as well as the whole."""
        name, kind = self._names[index], self._all[index].kind
        away = _away(name, words)
        if away and kind in ("do", "go"):
            away = min(away, _away(name.partition(" ")[2], words))
        parts = set(re.split(r"\W+", name))
        return away, -sum(word in parts for word in words), _NEARNESS.get(kind, len(_NEARNESS)), len(name)

    def _with(self, words: Sequence[str]) -> list[int]:
        """Targets whose names have all the words; of very many, the nearest."""
        found: list[int] = []
        rarest, names = max(words, key=len), self._names
        at = self._text.find(rarest)
        while at >= 0 and len(found) < MOST_RANKED:
            index = bisect_right(self._starts, at) - 1
            if all(word in names[index] for word in words):
                found.append(index)
            at = self._text.find(rarest, self._starts[index + 1])
        return found

    def _scattered(self, words: Sequence[str]) -> list[int]:
        """Near names that have the letters of all words in their order."""
        letters = [re.escape(letter) for word in words for letter in word]
        matches = re.compile("".join(f"[^{each}]*{each}" for each in letters)).match
        return [index for index, name in enumerate(self._names[:NEAR]) if matches(name)]


_NEARNESS = {kind: place for place, kind in enumerate(("page", "DAG", "do", "go", "task", "run"))}


def _away(name: str, words: Sequence[str]) -> int:
    """How far the words are from the beginning of the name or of a part of it."""
    away = 0
    for word in words:
        at = name.find(word)
        away += 3 if at < 0 else 0 if at == 0 else 2 if name[at - 1].isalnum() else 1
    return away


def target_row(index: int, target: Target, width: int, look: Palette) -> Row:
    name = plain(target.name)
    if target.kind in ("run", "task"):
        name = name.replace(" ", look.line(" ▸ "), 1)
    pieces: tuple[Piece, ...] = (
        (fit(f" {target.kind}", 6), DIM),
        (fit(name, max(width - 30, 20)), BOLD),
        (f" {plain(target.detail)}", DIM),
    )
    return Row(index, pieces)
