"""What can be done to the DAGs of the first page."""

from __future__ import annotations

from tui_flow.state import RunState
from tui_flow.tui.filtered import FilteredPage
from tui_flow.tui.pauses import Pausing, pause_or_let_go_on
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.subject import one_at_a_time
from tui_flow.tui.views.dags import BrokenFile, DagsModel


class DagsDeeds(FilteredPage):
    """A part of `DagsPage`, which has the rest."""

    def __init__(self) -> None:
        super().__init__()
        self._model: DagsModel | None = None
        self._pausing = Pausing()

    @property
    def _list(self) -> Rows:
        return self.query_one("#dags-list", Rows)

    def show_pausing(self) -> None:
        """Draw what is being paused as if it were."""
        raise NotImplementedError

    def _dag_id(self) -> str | None:
        """None, and why is said, where the cursor is on no DAG."""
        key = self._list.cursor_key
        if isinstance(key, BrokenFile):
            self.desk.toast("no DAG is known of this file yet; o opens it in the editor")
        return key if isinstance(key, str) else None

    def _chosen(self) -> list[str]:
        """DAGs; why there is none is said."""
        chosen = [key for key in self._list.chosen if isinstance(key, str)]
        return chosen or [dag_id for dag_id in (self._dag_id(),) if dag_id is not None]

    async def action_pause(self) -> None:
        known = self._model.dags if self._model else {}
        dags = [known[dag_id] for dag_id in self._chosen() if dag_id in known]
        await pause_or_let_go_on(self.desk, dags, self._pausing, self.show_pausing)

    async def action_trigger(self) -> None:
        if chosen := self._chosen():
            await self.desk.open_sheet("trigger", chosen)

    async def action_backfill(self) -> None:
        if dag_id := self._only_one():
            await self.desk.open_sheet("backfill", dag_id)

    async def action_delete(self) -> None:
        if dag_id := self._only_one():
            await self.desk.open_sheet("delete_dag", dag_id)

    def _only_one(self) -> str:
        """The DAG that is chosen; empty, and why is said, where there is none or several are."""
        chosen = self._chosen()
        if problem := one_at_a_time(chosen):
            self.desk.toast(problem)
            return ""
        return chosen[0] if chosen else ""

    async def action_clear(self) -> None:
        """The failed tasks of the newest run, and what follows them."""
        if not (dag_id := self._only_one()):
            return
        run = self._model.newest.get(dag_id) if self._model else None
        if run is None:
            self.desk.toast("this DAG has no run to clear")
            return
        await self.desk.open_sheet("clear", Place("run", run.dag_id, run.run_id), ())

    async def action_stop_run(self) -> None:
        if not (dag_id := self._only_one()):
            return
        run = self._model.newest.get(dag_id) if self._model else None
        if run is None or run.state not in (RunState.RUNNING, RunState.QUEUED):
            self.desk.toast("no run of this DAG is going on")
            return
        await self.desk.open_sheet("stop", Place("run", run.dag_id, run.run_id), ())
