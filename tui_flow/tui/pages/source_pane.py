"""The Source tab of a DAG: its file as it was parsed, with what changed since the version before."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from rich.style import Style
from textual.app import ComposeResult
from textual.widgets import Input

from tui_flow import times
from tui_flow.records import Dag
from tui_flow.settings import Home, dags_folder, load_settings
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Part
from tui_flow.tui.places import Place
from tui_flow.tui.programs import open_in_editor, open_in_pager
from tui_flow.tui.rows import Rows
from tui_flow.tui.subject import DagDeeds
from tui_flow.tui.tabbed import Pane
from tui_flow.tui.text import Piece, Row, plain
from tui_flow.tui.views import spans

NARROW = 100

SEEN_BELOW = 8
"""Lines below one that is looked for."""


@dataclass(frozen=True, slots=True)
class SourceModel:
    dag: Dag
    lines: Sequence[str] = ()
    wrong_line: int | None = None
    """Of an import error in the newest file."""
    run_lines: Sequence[str] | None = None
    """The file as the run had it, where that differs."""
    problem: str = ""
    read_at: datetime | None = None
    """When the file was last read by the scheduler."""
    has_error: bool = False
    """The file as it is now is not in force: an older one is."""


class SourcePane(Pane, DagDeeds):
    NAME = "source"
    TITLE = "Source"
    ACTION = "source"
    HINTS = ("edit", "find_text", "next_hit", "focus", "copy", "help")
    BINDINGS = bindings(
        "edit", "find_text", "next_hit", "previous_hit", "focus", "pager", "trigger", "pause", "backfill"
    )
    DEFAULT_CSS = """
    SourcePane #source-find { display: none; height: 1; dock: bottom; }
    SourcePane.finding #source-find { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._model: SourceModel | None = None
        self._text = ""
        self._as_diff = False

    def compose(self) -> ComposeResult:
        yield Rows(id="source-lines", can_open=False)
        yield Input(id="source-find", placeholder="find")

    @property
    def _text_lines(self) -> Sequence[str]:
        """The newest file; the one that the run had where one of its lines is wanted."""
        model = self._model
        if model is None:
            return ()
        return model.run_lines if self.place.line and model.run_lines is not None else model.lines

    @property
    def _lines(self) -> Rows:
        return self.query_one("#source-lines", Rows)

    async def visit(self, place: Place) -> None:
        if place != self.place:
            self._model = None
        self.place = place

    def take_focus(self) -> None:
        self._lines.focus()

    def load(self) -> Callable[[Reader], SourceModel | None]:
        place, home = self.place, self.desk.home
        return lambda reader: load_source(reader, home, place)

    def show(self, model: SourceModel) -> None:
        is_first, self._model = self._model is None, model
        self._draw()
        if is_first and self.place.line:
            self._lines.move_to(min(self.place.line - 1 + SEEN_BELOW, len(self._text_lines) - 1))
            self._lines.move_to(self.place.line - 1)
        self.desk.say()

    def _draw(self) -> None:
        model = self._model
        if model is None:
            return
        self._lines.empty = model.problem or "the file is empty"
        if self._as_diff and model.run_lines is not None:
            rows = [_diff_row(number, line) for number, line in enumerate(_diff(model))]
            self._lines.show_rows(rows)
            return
        lines = self._text_lines
        styled = highlighted("\n".join(lines), self.desk.look.has_own_colours)

        def draw(index: int, _width: int) -> Row:
            is_wrong = model.wrong_line == index + 1 and lines is model.lines
            mark: Piece = (f"{'!' if is_wrong else ' '}{index + 1:5} ", palette.BAD if is_wrong else palette.DIM)
            return Row(index, (mark, *(styled[index] if index < len(styled) else ())))

        self._lines.show_lazily(range(len(lines)), draw)

    def facts(self) -> Sequence[Part]:
        if self._model is None:
            return ()
        model = self._model
        text = source_facts(model, times.now(), self.desk.is_utc, self.app.size.width < NARROW)
        if model.run_lines is not None and self._text_lines is model.run_lines:
            text = f"{plain(model.dag.file)} · as this run had it (f: what changed since)"
        return [Part(f"{text} ", palette.DIM, "focus")]

    # -- keys

    def action_focus(self) -> None:
        """The file, or what changed since the run."""
        if self._model is None or self._model.run_lines is None:
            self.desk.toast("the file is as this run had it")
            return
        self._as_diff = not self._as_diff
        self._draw()

    def action_edit(self) -> None:
        if path := self._file():
            open_in_editor(self.desk, path, self._at() + 1)

    def action_pager(self) -> None:
        if path := self._file():
            open_in_pager(self.desk, path)

    def _at(self) -> int:
        key = self._lines.cursor_key
        return key if isinstance(key, int) else 0

    def _file(self) -> Path | None:
        if self._model is None:
            return None
        return dags_folder(self.desk.home, load_settings(self.desk.home)) / self._model.dag.file

    def action_find_text(self) -> None:
        self.add_class("finding")
        self.query_one("#source-find", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._text = event.value
        self.remove_class("finding")
        self.take_focus()
        self._find(1)

    def action_next_hit(self) -> None:
        self._find(1)

    def action_previous_hit(self) -> None:
        self._find(-1)

    def _find(self, step: int) -> None:
        lines = self._text_lines
        hits = [index for index, line in enumerate(lines) if self._text and self._text.lower() in line.lower()]
        if not hits:
            self.desk.toast(f"{self._text} is not in this file" if self._text else "nothing is looked for: / finds")
            return
        at = self._at()
        later = [hit for hit in hits if hit > at] if step > 0 else [hit for hit in reversed(hits) if hit < at]
        self._lines.move_to(later[0] if later else hits[0 if step > 0 else -1])

    def peel(self) -> bool:
        if self.has_class("finding"):
            self.remove_class("finding")
            self.take_focus()
            return True
        if self._as_diff:
            self.action_focus()
            return True
        return False


def load_source(reader: Reader, home: Home, place: Place) -> SourceModel | None:
    dag = reader.dag(place.dag_id)
    if dag is None:
        return None
    lines = read_source(reader, home, dag.source_version, dag.file)
    if lines is None:
        return SourceModel(dag, problem="the source of this version is not kept any more")
    run = reader.run(dag.dag_id, place.run_id or None)
    before = read_source(reader, home, run.source_version, dag.file) if run else None
    error = next((error for error in reader.import_errors() if error.file == dag.file), None)
    found = reader.file(dag.file)
    return SourceModel(
        dag,
        lines,
        error.line if error else None,
        before if before != lines else None,
        read_at=found.parsed_at if found else None,
        has_error=error is not None,
    )


def source_facts(model: SourceModel, at: datetime, is_utc: bool, is_narrow: bool) -> str:
    """Which source is in force, and when the file was read; what matters most first."""
    dag, has_changed = model.dag, model.run_lines is not None
    word = "read" if is_narrow else "file read"
    read = f"{word} {spans.second(model.read_at, at, is_utc)}" if model.read_at else ""
    if model.has_error:
        read += ", with an error" if not is_narrow else ": error"
    changed = ("f: changed since the run" if is_narrow else "changed since this run (f: the difference)") * has_changed
    source = f"src {dag.source_version[:7]}" if is_narrow else f"source {dag.source_version[:12]}"
    version = f"version {dag.version_number}"
    known = [changed, read, source, version] if is_narrow else [plain(dag.file), source, read, version, changed]
    return " · ".join(filter(None, known))


def read_source(reader: Reader, home: Home, source_version: str, file: str) -> list[str] | None:
    """The lines of a file in a source version; None where it is not kept."""
    digest = reader.manifest(source_version).get(file)
    try:
        return home.blob(digest).read_text(encoding="utf-8", errors="replace").splitlines() if digest else None
    except OSError:
        return None


def _diff(model: SourceModel) -> list[str]:
    return list(difflib.unified_diff(model.run_lines or (), model.lines, "as the run had it", "newest", lineterm=""))


def _diff_row(number: int, line: str) -> Row:
    style = palette.GOOD if line.startswith("+") else palette.BAD if line.startswith("-") else None
    return Row(number, ((plain(line), style),))


@lru_cache(maxsize=4)
def highlighted(text: str, own_colours: bool) -> list[tuple[Piece, ...]]:
    """Each line in the colours of its syntax: of the terminal's palette, so that any background is fine."""
    from pygments import lex  # 40 ms, for whoever looks at source
    from pygments.lexers import PythonLexer
    from pygments.token import Comment, Keyword, Name, Number, String

    looks = (
        (Comment, palette.DIM),
        (Keyword, Style(color="magenta")),
        (String, Style(color="green")),
        (Number, Style(color="cyan")),
        (Name.Decorator, Style(color="yellow")),
        (Name.Function, Style(color="blue")),
        (Name.Class, Style(color="blue", bold=True)),
    )
    lines: list[list[Piece]] = [[]]
    for kind, value in lex(text, PythonLexer(stripnl=False)):
        style = next((look for family, look in looks if kind in family), None)  # type: ignore[comparison-overlap]
        first, *others = value.split("\n")
        lines[-1].append((plain(first), style))
        for other in others:
            lines.append([(plain(other), style)])
    return [tuple(line) for line in lines]
