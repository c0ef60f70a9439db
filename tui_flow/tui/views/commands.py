"""The command line: every name that one can jump to and everything that one can do, found by a few letters. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from tui_flow.records import Dag, DagRun
from tui_flow.state import RunState
from tui_flow.tui.keys import ACTIONS
from tui_flow.tui.palette import BOLD, DIM, Palette
from tui_flow.tui.places import Place
from tui_flow.tui.text import Piece, Row, fit, plain
from tui_flow.tui.views.dags import schedule_of
from tui_flow.tui.views.run_names import run_name

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
    """Something that enter goes to or does: exactly one of place, sheet, pause and action says what."""

    kind: str
    name: str
    """What is looked for, and what the line says."""
    detail: str = ""
    place: Place | None = None
    sheet: tuple[object, ...] = ()
    """A sheet's name and what its class takes."""
    pause: Dag | None = None
    """One to pause, or to let go on where it is paused."""
    action: str = ""
    """Id in `keys`."""


PAGES = (
    Target("page", "DAGs", place=Place("dags")),
    Target("page", "Activity", place=Place("activity")),
    Target("page", "Upcoming", place=Place("upcoming")),
    Target("page", "System", place=Place("system")),
)
STOP_SCHEDULER = Target("do", "stop scheduler", "after a question", sheet=("down",))
ALSO = "\t"
"""Between a name and other words by which it is found, each as a whole."""
ANYWHERE = ("view", "zone", "reload", "start", "undo", "help")


@dataclass(frozen=True, slots=True)
class Names:
    """What is in the database, by name."""

    dags: Sequence[Dag] = ()
    tasks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of the newest version of each DAG."""
    runs: Sequence[DagRun] = ()
    """The newest of each DAG."""


Entry = tuple[str, str, Callable[..., Target], tuple[object, ...]]
"""A kind and a name, and how that target is made, of what: most of tens of thousands of names are never looked at."""


def entries_of(names: Names) -> list[Entry]:
    """Wherever one is: places come first, then deeds on all that there is."""
    found: list[Entry] = [("page", page.name, _page, (page,)) for page in PAGES]
    found += [("DAG", dag.dag_id, _dag, (dag,)) for dag in names.dags]
    found += run_entries(names.runs)
    newest = {run.dag_id: run.run_id for run in reversed(names.runs)}
    for dag_id, task_ids in names.tasks.items():
        run_id = newest.get(dag_id)
        found += [("task", f"{dag_id} {task_id}", _task, (dag_id, task_id, run_id)) for task_id in task_ids]
    for dag in names.dags:
        found += [(kind, _sought(word, dag), make, (word, dag)) for kind, word, make in _deeds(dag)]
    going = [run for run in names.runs if run.state in (RunState.RUNNING, RunState.QUEUED)]
    found += [("do", f"stop {run.dag_id} {run.run_id}", _stop_run, (run,)) for run in going]
    found.append(("do", f"{STOP_SCHEDULER.name}{ALSO}down", _page, (STOP_SCHEDULER,)))
    return found + [("do", f"{ACTIONS[id].text}{ALSO}{ACTIONS[id].help}", _action, (id,)) for id in ANYWHERE]


def run_entries(runs: Sequence[DagRun]) -> list[Entry]:
    """Found by their ids and by the local time that they are shown with."""
    return [("run", f"{run.dag_id} {run.run_id} {run_name(run.run_id, False)}", _run, (run,)) for run in runs]


def _page(page: Target) -> Target:
    return page


def _dag(dag: Dag) -> Target:
    return Target("DAG", dag.dag_id, schedule_of(dag), Place("dag", dag.dag_id, tab="grid"))


def _run(run: DagRun) -> Target:
    return Target("run", f"{run.dag_id} {run.run_id}", str(run.state), Place("run", run.dag_id, run.run_id))


def _stop_run(run: DagRun) -> Target:
    place = Place("run", run.dag_id, run.run_id)
    return Target("do", f"stop {run.dag_id} {run.run_id}", str(run.state), sheet=("stop", place, ()))


def _task(dag_id: str, task_id: str, run_id: str | None) -> Target:
    """Its row in the newest run, else in the DAG's grid."""
    place = Place("run", dag_id, run_id, task_id) if run_id else Place("dag", dag_id, "", task_id, tab="grid")
    return Target("task", f"{dag_id} {task_id}", "", place)


def _action(action_id: str) -> Target:
    return Target("do", ACTIONS[action_id].text, ACTIONS[action_id].help, action=action_id)


def here_entries(here: Place) -> list[Entry]:
    """Deeds on the DAG and the run that one looks at."""
    return [(target.kind, target.name, _page, (target,)) for target in (_deeds_here(here) if here.dag_id else ())]


def _deeds_here(here: Place) -> list[Target]:
    """On the DAG and the run that one looks at."""
    dag_id, run = here.dag_id, here.run_id
    found = [
        Target("do", f"trigger {dag_id}", sheet=("trigger", [dag_id])),
        Target("do", f"backfill {dag_id}", sheet=("backfill", dag_id)),
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


Deed = tuple[str, str, Callable[[str, Dag], Target]]


def _deeds(dag: Dag) -> tuple[Deed, ...]:
    return _WHEN_PAUSED if dag.is_paused else _WHEN_ON


def _sheet(word: str, dag: Dag) -> Target:
    name, about, detail = {
        "trigger": ("trigger", [dag.dag_id], ""),
        "backfill": ("backfill", dag.dag_id, ""),
        "delete": ("delete_dag", dag.dag_id, "with its history"),
    }[word]
    return Target("do", f"{word} {dag.dag_id}", detail, sheet=(name, about))


def _sought(word: str, dag: Dag) -> str:
    """Also by the word of `tuiflow unpause`."""
    return f"{word} {dag.dag_id}" + (" unpause" if word == "resume" else "")


def _turn(word: str, dag: Dag) -> Target:
    return Target("do", f"{word} {dag.dag_id}", pause=dag)


def _tab(word: str, dag: Dag) -> Target:
    return Target("go", f"{word} {dag.dag_id}", "", Place("dag", dag.dag_id, tab=word))


_OTHER_DEEDS: tuple[Deed, ...] = (
    ("do", "backfill", _sheet),
    ("do", "delete", _sheet),
    *(("go", tab, _tab) for tab in ("diagram", "runs", "source", "info")),
)
_WHEN_ON: tuple[Deed, ...] = (("do", "trigger", _sheet), ("do", "pause", _turn), *_OTHER_DEEDS)
_WHEN_PAUSED: tuple[Deed, ...] = (("do", "trigger", _sheet), ("do", "resume", _turn), *_OTHER_DEEDS)


class Finder:
    """Finds names by what is typed: within their text as a whole, which costs less than name by name."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._names = [name.lower().replace("\n", " ") for _, name, _, _ in entries]
        self._text = "\n".join(self._names)
        self._starts = list(accumulate((len(name) + 1 for name in self._names), initial=0))

    def made(self, index: int) -> Target:
        _, _, make, of = self._entries[index]
        return make(*of)

    def first(self) -> list[Target]:
        return [self.made(index) for index in range(min(len(self._entries), MOST))]

    def ranked(self, words: Sequence[str]) -> list[tuple[Rank, int]]:
        """Of names that have all the words: how good each is, and its index; of very many, the nearest."""
        found: list[int] = []
        rarest, names = max(words, key=len), self._names
        at = self._text.find(rarest)
        while at >= 0 and len(found) < MOST_RANKED:
            index = bisect_right(self._starts, at) - 1
            if all(word in names[index] for word in words):
                found.append(index)
            at = self._text.find(rarest, self._starts[index + 1])
        return [(_rank(self._entries[index][0], names[index], words), index) for index in found]

    def scattered(self, words: Sequence[str]) -> list[int]:
        """Near names that have the letters of all words in their order."""
        letters = [re.escape(letter) for word in words for letter in word]
        matches = re.compile("".join(f"[^{each}]*{each}" for each in letters)).match
        return [index for index, name in enumerate(self._names[:NEAR]) if matches(name.partition(ALSO)[0])]


NOTHING = Finder(())


def find(text: str, every: Finder, here: Finder = NOTHING, near: Finder = NOTHING) -> list[Target]:
    """Each word must be in the name; the best first, of equals those that are here, then those that are near. No word:
    what is here, then the first of all."""
    words = text.lower().split()
    if not words:
        return [*here.first(), *every.first()][:MOST]
    parts = (here, near, every)
    best = sorted((rank, part, at) for part, finder in enumerate(parts) for rank, at in finder.ranked(words))
    hits = [(part, at) for _, part, at in best[:MOST]]
    if len(hits) < FUZZY_BELOW:
        had = set(hits)
        hits += [(part, at) for part, finder in enumerate(parts) for at in finder.scattered(words)]
        hits = [*hits[: len(had)], *(hit for hit in hits[len(had) :] if hit not in had)]
    known: dict[tuple[str, str], Target] = {}
    for part, at in hits[:MOST]:
        target = parts[part].made(at)
        known.setdefault((target.kind, target.name), target)
    return list(known.values())


Rank = tuple[int, int, int, int]
_NEARNESS = {kind: place for place, kind in enumerate(("page", "DAG", "do", "go", "task", "run"))}


def _rank(kind: str, name: str, words: Sequence[str]) -> Rank:
    """Smaller is better: words at the beginning of a part of the name, words that are a whole part, then what is
    nearest, then short names. Of a deed the name is what it is done to, as well as the whole."""
    away = _away(name, words)
    if away and kind in ("do", "go"):
        away = min(away, _away(name.partition(" ")[2], words))
    parts = set(re.split(r"\W+", name))
    return away, -sum(word in parts for word in words), _NEARNESS.get(kind, len(_NEARNESS)), len(name)


def _away(name: str, words: Sequence[str]) -> int:
    """How far the words are from the beginning of the name or of a part of it."""
    away = 0
    for word in words:
        at = name.find(word)
        away += 3 if at < 0 else 0 if at == 0 else 2 if name[at - 1].isalnum() else 1
    return away


def target_row(index: int, target: Target, width: int, look: Palette, key: str = "") -> Row:
    """`key`: what does the same without the command line."""
    name = plain(target.name)
    if target.kind in ("run", "task", "log"):
        name = name.replace(" ", look.line(" ▸ "), 1)
    pieces: tuple[Piece, ...] = (
        (fit(f" {target.kind}", 6), DIM),
        (fit(name, max(width - 34, 20)), BOLD),
        (f" {fit(key, 3)}", None),
        (f" {plain(target.detail)}", DIM),
    )
    return Row(index, pieces)
