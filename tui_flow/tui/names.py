"""Every name that one can jump to, kept in memory: read once, then only what is of another version."""

from __future__ import annotations

from tui_flow.store.reader import Reader
from tui_flow.tui.places import Place
from tui_flow.tui.views.commands import NOTHING, Finder, Names, entries_of, run_entries

MOST_RUNS = 200


class NamesKept:
    """Tasks by DAG and version; the reading thread alone fills it."""

    def __init__(self) -> None:
        self._tasks: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._last: tuple[Reader, int] | None = None
        """Of what `every` was made: by which reader, at which of its versions."""
        self.every = Finder(entries_of(Names()))
        """All names as they were read last; at first those of pages and actions."""

    def load(self, reader: Reader, here: Place) -> tuple[Finder, Finder]:
        """All names, the same as the last time where nothing was committed since; and those of runs near by."""
        now = (reader, reader.data_version())
        if now != self._last:
            self.every, self._last = Finder(entries_of(self._read(reader))), now
        near = reader.runs(here.dag_id, limit=MOST_RUNS) if here.dag_id else []
        return self.every, Finder(run_entries(near)) if near else NOTHING

    def _read(self, reader: Reader) -> Names:
        dags = list(reader.listed_dags().values())
        newer = [dag.dag_id for dag in dags if self._tasks.get(dag.dag_id, ("",))[0] != dag.spec_version]
        if newer:
            self._tasks.update(reader.task_names(newer))
        tasks = {dag.dag_id: self._tasks[dag.dag_id][1] for dag in dags if dag.dag_id in self._tasks}
        return Names(dags, tasks, list(reader.newest_runs().values()))
