"""Every name that one can jump to, kept in memory: read once, then only what is of another version."""

from __future__ import annotations

from tui_flow.store.reader import Reader
from tui_flow.tui.places import Place
from tui_flow.tui.views.commands import Names

MOST_RUNS = 200


class NamesKept:
    """Tasks by DAG and version; the reading thread alone fills it."""

    def __init__(self) -> None:
        self._tasks: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._last: tuple[Reader, int, str] | None = None
        """Of what `_names` were made: by which reader, at which of its versions, for which DAG."""
        self._names = Names()

    def load(self, reader: Reader, here: Place) -> Names:
        """The same as the last time where nothing was committed since."""
        now = (reader, reader.data_version(), here.dag_id)
        if now != self._last:
            self._names, self._last = self._load(reader, here), now
        return self._names

    def _load(self, reader: Reader, here: Place) -> Names:
        dags = reader.dags()
        newer = [dag.dag_id for dag in dags if self._tasks.get(dag.dag_id, ("",))[0] != dag.spec_version]
        if newer:
            self._tasks.update(reader.task_names(newer))
        near = reader.runs(here.dag_id, limit=MOST_RUNS) if here.dag_id else []
        newest = list(reader.newest_runs().values())
        seen = {run.id for run in near}
        return Names(
            dags,
            {dag.dag_id: self._tasks[dag.dag_id][1] for dag in dags if dag.dag_id in self._tasks},
            [*near, *(run for run in newest if run.id not in seen)],
        )
