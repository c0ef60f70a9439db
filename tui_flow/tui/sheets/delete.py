"""What cannot be taken back: a run or a DAG is deleted, a backfill cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui_flow.spec import Json
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.places import Place
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.text import Piece, plain
from tui_flow.tui.views.deeds import Deed, Preview, TaskKey, about_runs, command


class CancelBackfillSheet(AskingSheet):
    VERB = "fail"
    DONE = "cancelled"

    def __init__(self, backfill_id: int) -> None:
        super().__init__()
        self._backfill_id = backfill_id
        self.TITLE = f"Cancel backfill {backfill_id}: its queued runs fail, those that run go on"

    def deeds(self) -> Sequence[Deed]:
        return [
            Deed(
                "cancel_backfill", {"backfill_id": self._backfill_id}, command("backfills", "cancel", self._backfill_id)
            )
        ]

    async def preview(self, answers: Sequence[Any]) -> Preview:
        found = await super().preview(answers)
        return found if found.runs else Preview(runs=1, note="none")

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.note == "none":
            return [("No further run is made; none is queued now.", palette.DIM)]
        return super().sentence(preview)

    def done(self, _preview: Preview, _answers: Sequence[Any]) -> str:
        return f"cancelled backfill {self._backfill_id}"


class DeleteRunSheet(AskingSheet):
    VERB = "delete"

    def __init__(self, place: Place, _keys: Sequence[TaskKey] = (), run_ids: Sequence[str] = ()) -> None:
        super().__init__()
        self._dag_id, self._run_ids = place.dag_id, run_ids or (place.run_id,)
        self.TITLE = f"Delete {about_runs(place.run_id, run_ids, self.desk.is_utc)} of {place.dag_id} with its logs"

    def deeds(self) -> Sequence[Deed]:
        return [
            Deed("delete_run", {"dag_id": self._dag_id, "run_id": run}, command("runs", "delete", self._dag_id, run))
            for run in self._run_ids
        ]

    async def preview(self, answers: Sequence[Any]) -> Preview:
        return Preview(runs=len(answers))

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        runs = f"{preview.runs} runs" if preview.runs > 1 else f"run {plain(self._run_ids[0])}"
        return [(f"This will delete {runs}, with tasks, logs and results. It cannot be taken back.", palette.BAD)]

    def done(self, _preview: Preview, answers: Sequence[Any]) -> str:
        if self.desk.place.run_id in self._run_ids:
            self.desk.go_beside(Place("dag", self._dag_id, tab="runs"))
        return f"deleted {len(answers)} run{'s' if len(answers) > 1 else ''}"


class DeleteXComSheet(AskingSheet):
    VERB = "delete"

    def __init__(self, place: Place, key: str) -> None:
        super().__init__()
        self._place, self._key = place, key
        self.TITLE = f"Delete XCom {key} of {place.task_id} · run {place.run_id}"

    def deeds(self) -> Sequence[Deed]:
        place, index = self._place, self._place.map_index
        args: dict[str, Json] = {
            "dag_id": place.dag_id,
            "run_id": place.run_id,
            "task_id": place.task_id,
            "key": self._key,
            "map_index": index,
        }
        words = ("xcom", "delete", place.dag_id, place.task_id, self._key, "--run", place.run_id)
        return [Deed("delete_xcom", args, command(*words, *(("--map-index", index) if index >= 0 else ()), "-y"))]

    async def preview(self, answers: Sequence[Any]) -> Preview:
        return Preview(runs=1)

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        text = f"This will delete {plain(self._key)}. Tasks that ask for it get nothing."
        return [(text, palette.BAD), (" It cannot be taken back.", palette.DIM)]

    def done(self, _preview: Preview, _answers: Sequence[Any]) -> str:
        self.desk.reload()
        return f"deleted XCom {self._key}"


class DeleteDagSheet(AskingSheet):
    VERB = "delete"
    MANY = "runs"

    def __init__(self, dag_id: str) -> None:
        super().__init__()
        self._dag_id = dag_id
        self.TITLE = f"Delete DAG {dag_id} with all its runs and logs"

    def deeds(self) -> Sequence[Deed]:
        return [Deed("delete_dag", {"dag_id": self._dag_id}, command("dags", "delete", self._dag_id))]

    async def preview(self, answers: Sequence[Any]) -> Preview:
        dag_id = self._dag_id

        def count(reader: Reader) -> int:
            return len(reader.run_ids(dag_id, limit=1_000_000))

        return Preview(runs=1, tasks=await self.desk.feed.read(count), note=answers[0]["file"] or "")

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        back = f" {plain(preview.note)} is still there, and brings it back without them." if preview.note else ""
        return [
            (f"This will delete {preview.tasks} runs with tasks, logs and results. ", palette.BAD),
            (f"It cannot be taken back.{back}", palette.DIM),
        ]

    def done(self, preview: Preview, _answers: Sequence[Any]) -> str:
        if self.desk.place.dag_id == self._dag_id:
            self.desk.go_home("dags")
        return f"deleted {self._dag_id} and {preview.tasks} runs"
