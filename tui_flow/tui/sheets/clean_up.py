"""Delete old runs with their logs, old updates of assets and old lines of the audit trail, as `tuiflow db clean`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from textual.widget import Widget

from tui_flow import times
from tui_flow.errors import BadInput
from tui_flow.settings import RetentionSettings
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.forms import Field
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.text import Piece
from tui_flow.tui.views.clean_up import CleanUp, clean_up_deeds, clean_up_preview, clean_up_said
from tui_flow.tui.views.deeds import Deed, Preview

MOST_SHOWN = 100_000
"""Runs that the dry run looks for."""


class CleanUpSheet(AskingSheet):
    TITLE = "Clean up: finished runs with tasks, logs and results"
    VERB = "delete"
    MANY = "runs"

    def __init__(self, kept: RetentionSettings) -> None:
        super().__init__()
        self._kept = kept
        self._removed = 0

    def fields(self) -> Sequence[Widget]:
        days = f"{self._kept.runs_days:g}" if self._kept.runs_days else ""
        keep = str(self._kept.runs_per_dag) if self._kept.runs_per_dag else ""
        return (
            Field("days", "ended days ago", days, hint="however old", note="updates, audit trail too"),
            Field("keep", "keep of each DAG", keep, hint="any number", note="the newest always stays"),
        )

    def _choice(self) -> CleanUp:
        days, keep = (self.query_one(f"#field-{name}", Field).value.strip() for name in ("days", "keep"))
        try:
            given = CleanUp(float(days) if days else None, int(keep) if keep else 0)
            since = times.now() - timedelta(days=given.days) if given.days is not None else None
        except (ValueError, OverflowError) as err:
            raise BadInput("days and how many to keep are numbers") from err
        if (given.days is not None and given.days < 0) or given.keep < 0:
            raise BadInput("days and how many to keep are not below 0")
        return CleanUp(given.days, given.keep, since)

    def deeds(self) -> Sequence[Deed]:
        return clean_up_deeds(self._choice())

    async def _rehearsed(self, deeds: Sequence[Deed]) -> tuple[list[Deed], list[Any]]:
        """All runs at once, while they are deleted page by page."""
        runs = deeds[-1]
        answers = [await self.desk.rehearse(runs.verb, **runs.args, page=MOST_SHOWN)]
        since = self._choice().since

        def count(reader: Reader) -> tuple[int, int]:
            return (reader.old_asset_events(since), reader.old_events(since)) if since is not None else (0, 0)

        return list(deeds), [*answers, await self.desk.feed.read(count)]

    async def preview(self, answers: Sequence[Any]) -> Preview:
        runs, (updates, lines) = answers[0]["runs"], answers[1]
        return clean_up_preview(runs, updates, lines)

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        if not preview.runs:
            return [("   nothing is that old", palette.DIM)]
        return [(f"   {clean_up_said(preview)} ", palette.BAD), ("It cannot be taken back.", palette.DIM)]

    async def carry_out(self, deed: Deed) -> Any:
        """Page by page, so that a scheduler gets its turn in between."""
        while True:
            answer = await super().carry_out(deed)
            if answer is None or not (answer.get("runs") or answer.get("removed")):
                return answer
            self._removed += len(answer.get("runs", ()))
            self.desk.toast(f"deleted {self._removed} runs ...")

    def done(self, preview: Preview, answers: Sequence[Any]) -> str:
        self.desk.reload()
        return f"deleted {self._removed} run{'s' * (self._removed != 1)}{preview.note}"
