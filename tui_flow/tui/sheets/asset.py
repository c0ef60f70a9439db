"""An asset was updated by something else, or is to be made now by one of its DAGs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.widget import Widget

from tui_flow.errors import BadInput
from tui_flow.spec import Json
from tui_flow.tui import palette
from tui_flow.tui.forms import Choices, Field
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.text import Piece, Row, plain
from tui_flow.tui.views.assets import event_deed, materialize_deed
from tui_flow.tui.views.deeds import Deed, Preview
from tui_flow.tui.views.params import NotAValue, object_of


class _AssetSheet(AskingSheet):
    HINTS: ClassVar[tuple[str, ...]] = ("open", "next_pane", "copy", "back")

    def typed(self, name: str) -> dict[str, Json]:
        """A JSON object; empty where nothing is typed. Raises BadInput."""
        try:
            return object_of(self.query_one(f"#field-{name}", Field).value)
        except NotAValue as err:
            raise BadInput(f"{name}: {err}") from err


class AssetEventSheet(_AssetSheet):
    def __init__(self, asset: str) -> None:
        super().__init__()
        self._asset = asset
        self.TITLE = f"Record an event of asset {asset}"

    def fields(self) -> Sequence[Widget]:
        return (Field("extra", "extra", hint="{}", note="JSON: what to tell of it"),)

    def deeds(self) -> Sequence[Deed]:
        return [event_deed(self._asset, self.typed("extra"))]

    async def preview(self, answers: Sequence[Any]) -> Preview:
        rows = [Row(dag_id, ((f"   {plain(dag_id)}", None),)) for dag_id in answers[0]["queued_for"]]
        return Preview(rows, runs=1)

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        waits = "These DAGs wait for it:" if preview.rows else "No DAG waits for it."
        return [(f"This will say that {plain(self._asset)} was updated now. ", palette.BOLD), (waits, None)]

    def done(self, preview: Preview, _answers: Sequence[Any]) -> str:
        self.desk.reload()
        return f"recorded; {len(preview.rows)} DAG{'s wait' if len(preview.rows) != 1 else ' waits'} for {self._asset}"


class MaterializeSheet(_AssetSheet):
    def __init__(self, asset: str, dag_ids: Sequence[str]) -> None:
        super().__init__()
        self._asset, self._dag_ids = asset, list(dag_ids)
        self.TITLE = f"Make asset {asset} now"

    def fields(self) -> Sequence[Widget]:
        which = (Choices("DAG", [plain(dag_id) for dag_id in self._dag_ids], id="asset-dag"),)
        return (*(which if len(self._dag_ids) > 1 else ()), Field("conf", "conf", hint="{}", note="JSON"))

    def _dag_id(self) -> str:
        chosen = self.query("#asset-dag")
        return self._dag_ids[chosen.first(Choices).index if chosen else 0]

    def deeds(self) -> Sequence[Deed]:
        return [materialize_deed(self._asset, self._dag_id(), self.typed("conf"))]

    async def preview(self, answers: Sequence[Any]) -> Preview:
        return Preview(runs=1)

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        off = "" if self.desk.status.scheduler else " No scheduler runs: S starts one."
        return [(f"This will queue one run of {plain(self._dag_id())}.", palette.BOLD), (off, palette.DIM)]

    def done(self, _preview: Preview, answers: Sequence[Any]) -> str:
        return f"queued {answers[0]['dag_id']} {answers[0]['run_id']}"
