"""The Info tab of a DAG: what its file says of it, when it runs next, its params, its versions."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tui_flow import times
from tui_flow.actions.upcoming import schedule_in_words, upcoming_runs
from tui_flow.records import Dag
from tui_flow.spec import DagSpec, Json
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.list_pane import ListPane
from tui_flow.tui.pauses import Pausing
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.subject import DagDeeds
from tui_flow.tui.text import Piece, Row, fit, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.docs import doc_rows
from tui_flow.tui.views.params import fields_of

COMING = 5


@dataclass(frozen=True, slots=True)
class InfoModel:
    dag: Dag
    spec: DagSpec
    words: str | None
    coming: Sequence[datetime]
    versions: Sequence[tuple[int, str, datetime]]
    depends: Sequence[tuple[str, str]] = ()
    """Through assets: in what way, and on which DAG."""
    read_at: datetime | None = None
    """When the file was last read by the scheduler."""


class InfoPane(ListPane, DagDeeds):
    NAME = "info"
    TITLE = "Info"
    ACTION = "info"
    HINTS = ("open", "trigger", "pause", "backfill", "help")
    BINDINGS = bindings("trigger", "pause", "backfill")

    def __init__(self) -> None:
        super().__init__()
        self._model: InfoModel | None = None
        self._pausing = Pausing()

    def load(self) -> Callable[[Reader], InfoModel | None]:
        place = self.place
        self._pausing.begin_read()
        return lambda reader: load_info(reader, place, times.now())

    def show(self, model: InfoModel) -> None:
        self._model = model
        self.show_pausing()

    def show_pausing(self) -> None:
        if self._model is not None:
            dag = self._pausing.over_one(self._model.dag)
            self._model = replace(self._model, dag=dag or self._model.dag)
        self._draw()

    def pausing(self) -> Pausing:
        return self._pausing

    def _draw(self) -> None:
        if self._model is not None:
            docs = doc_rows(self._model.spec.doc, self.size.width, self.desk.look)
            self._list.show_rows(info_rows(self._model, times.now(), self.desk.is_utc, docs))

    def on_resize(self) -> None:
        self._draw()

    async def on_rows_opened(self, message: Rows.Opened) -> None:
        """What a version changed."""
        if isinstance(message.key, tuple) and message.key[0] == "version":
            await self.desk.open_sheet("version", self.place.dag_id, message.key[1])

    def dag(self) -> Dag | None:
        return self._model.dag if self._model else None


def load_info(reader: Reader, place: Place, at: datetime) -> InfoModel | None:
    dag = reader.dag(place.dag_id)
    if dag is None:
        return None
    spec = reader.spec(dag.dag_id, dag.spec_version)
    coming = [info.run_after for info in upcoming_runs(reader, dag, spec, at, COMING)] if dag.next_run_after else []
    versions, depends, file = reader.spec_versions(dag.dag_id), _depends(reader, dag.dag_id), reader.file(dag.file)
    words = schedule_in_words(spec)
    return InfoModel(dag, spec, words, coming, versions, depends, file.parsed_at if file else None)


def _depends(reader: Reader, dag_id: str) -> list[tuple[str, str]]:
    """DAGs that make what this one waits for, and those that wait for what it makes."""
    found: list[tuple[str, str]] = []
    for asset in reader.assets():
        references = reader.references_to(asset)
        own = {ref.role for ref in references if ref.dag_id == dag_id}
        for mine, theirs, word in (("schedule", "outlet", "is started by"), ("outlet", "schedule", "starts")):
            if mine in own:
                found += [(word, f"{ref.dag_id} (asset {asset.name})") for ref in references if ref.role == theirs]
    return list(dict.fromkeys(found))


def info_rows(model: InfoModel, at: datetime, is_utc: bool, docs: Sequence[Row] = ()) -> list[Row]:
    """`docs`: what the author says of it, drawn."""
    lines: list[tuple[Hashable, tuple[Piece, ...]]] = []
    for title, facts in _sections(model, at, is_utc).items():
        if not facts:
            continue
        lines.append((("title", title), ((f" {title}", palette.BOLD),)))
        for nth, (name, value) in enumerate(facts):
            key = ("version", model.versions[nth][0]) if title == "Versions" else len(lines)
            lines.append((key, ((f"   {fit(plain(name), 24)} ", palette.DIM), (plain(value), None))))
    rows = [Row(key, line, not (isinstance(key, tuple) and key[0] == "title")) for key, line in lines]
    if docs:
        rows += [Row(("title", "docs"), ((" Documentation", palette.BOLD),), can_select=False), *docs]
    return rows


def _sections(model: InfoModel, at: datetime, is_utc: bool) -> Mapping[str, list[tuple[str, Json]]]:
    dag, spec = model.dag, model.spec
    return {
        "DAG": _known(
            [
                ("called", spec.display_name),
                ("description", spec.description),
                ("file", dag.file),
                ("source", f"{dag.source_version[:12]}; v shows it"),
                ("file read", spans.second(model.read_at, at, is_utc) if model.read_at else None),
                ("tags", ", ".join(spec.tags)),
                ("dialect", f"{spec.dialect}: {spec.dialect_reason}" if spec.dialect_reason else spec.dialect),
                ("tasks", f"{len(spec.tasks)} in {len(spec.groups)} groups" if spec.groups else len(spec.tasks)),
                ("owners", ", ".join(spec.owners)),
                ("paused", "yes" if dag.is_paused else "no"),
                ("import error", dag.import_error),
                ("ignored here", ", ".join(spec.ignored)),
            ]
        ),
        "Schedule": _known(
            [
                ("schedule", dag.schedule),
                ("in words", model.words),
                ("zone", spec.timezone),
                ("from", spans.minute(spec.start_date, is_utc) if spec.start_date else None),
                ("until", spans.minute(spec.end_date, is_utc) if spec.end_date else None),
                ("catchup", "yes" if spec.catchup else "no"),
                ("next", ", ".join(spans.minute(date, is_utc) for date in model.coming)),
            ]
        ),
        "Limits": _known(
            [
                ("max_active_runs", spec.max_active_runs),
                ("max_active_tasks", spec.max_active_tasks),
                ("dagrun_timeout", f"{spec.dagrun_timeout_s:g} s" if spec.dagrun_timeout_s else None),
                ("fail_fast", "yes" if spec.fail_fast else None),
            ]
        ),
        "Other DAGs": list(model.depends),
        "Params": [(field.name, f"{field.text or '(needed)'}   {field.note}") for field in fields_of(spec.params)],
        "Versions": [
            (f"version {number}", f"since {spans.clock(since, at, is_utc)}; enter shows what it changed")
            for number, _, since in model.versions[:20]
        ],
    }


def _known(facts: Sequence[tuple[str, Json]]) -> list[tuple[str, Json]]:
    return [(name, value) for name, value in facts if value not in (None, "")]
