"""Answer tasks that wait for a person: what they ask, the options, the params, a note."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input

from tui_flow.actions.answers import check_entries, check_options
from tui_flow.errors import TuiflowError
from tui_flow.records import InputRequest
from tui_flow.spec import Json
from tui_flow.tui import palette
from tui_flow.tui.forms import Choices, Field
from tui_flow.tui.keys import bindings
from tui_flow.tui.line import Line
from tui_flow.tui.param_form import param_widget, values_in
from tui_flow.tui.places import Place
from tui_flow.tui.rows import Rows
from tui_flow.tui.sheet import Sheet
from tui_flow.tui.text import plain
from tui_flow.tui.views.answers import answer_deed, first_chosen, request_rows, waits_here, which
from tui_flow.tui.views.params import NotAValue, ParamField, fields_of
from tui_flow.tui.wrapped import Wrapped

SHARE = 40
"""Of the screen's height, in hundredths: so much of what is asked is seen at most."""


NOT_COMPLETE = "the answer is not complete"


class AnswerSheet(Sheet):
    """What waits at a place: everywhere, in a DAG, in a run or of one task; the oldest first."""

    HINTS = ("open", "next_pane", "mark", "later", "earlier", "copy", "back")
    VERB = "answer"
    BINDINGS = bindings("open", "later", "earlier", "copy")
    DEFAULT_CSS = f"""
    AnswerSheet {{ height: auto; max-height: 85%; layout: vertical; }}
    AnswerSheet #answer-body {{ height: auto; min-height: 1; max-height: {SHARE}vh; }}
    AnswerSheet #answer-fields {{ height: auto; max-height: 8; }}
    """

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place
        self._waiting: list[InputRequest] = []
        self._at = 0
        self._params: list[ParamField] = []

    def compose(self) -> ComposeResult:
        yield self.title_line("", id="answer-title")
        yield Rows(id="answer-body", empty="nothing waits for a person here")
        yield self.more_line()
        yield VerticalScroll(id="answer-fields")
        yield Wrapped(id="answer-said")
        yield Wrapped(id="answer-command")

    def hints(self) -> Sequence[str]:
        """Where nothing waits there is nothing but the way back."""
        return super().hints() if self._waiting else ["back"]

    async def on_mount(self) -> None:
        self.trap_focus()
        self.query_one("#answer-fields", VerticalScroll).can_focus = False
        await self._read()

    def take_focus(self) -> None:
        first = next(iter(self.query("Choices, Field Input")), None) or self.query_one("#answer-body", Rows)
        first.focus()

    async def _read(self) -> None:
        place = self._place
        dag_id = place.dag_id or None
        found = await self.desk.feed.read(lambda reader: reader.waiting_input(dag_id))
        self._waiting = [request for request in found if waits_here(request, place)]
        self._at = min(self._at, max(len(self._waiting) - 1, 0))
        await self._show()

    @property
    def _request(self) -> InputRequest | None:
        return self._waiting[self._at] if self._waiting else None

    async def _show(self) -> None:
        request = self._request
        title = which(request, self._at, len(self._waiting), self.desk.is_utc) if request else "Nothing to answer"
        self.query_one("#answer-title", Line).say([self.title(title)])
        await self._show_body()
        box = self.query_one("#answer-fields", VerticalScroll)
        await box.remove_children()
        self._params = fields_of(request.params) if request else []
        if request is not None:
            options = [plain(option) for option in request.options]
            await box.mount(
                Choices("Answer", options, first_chosen(request), many=request.multiple, id="answer-options"),
                *(param_widget(number, param) for number, param in enumerate(self._params)),
                Field("note", "note", hint="none"),
            )
        self.take_focus()
        self._check()

    async def _show_body(self) -> None:
        """In a thread: Markdown is slow to load, and a long body slow to draw."""
        request, look, width = self._request, self.desk.look, self.app.size.width
        drawn = await asyncio.to_thread(request_rows, request, self.desk.is_utc, width, look) if request else []
        self.query_one("#answer-body", Rows).show_rows(drawn)
        self.say_more(len(drawn), SHARE)

    def on_resize(self) -> None:
        self.call_later(self._show_body)

    # -- what is entered

    def _chosen(self, request: InputRequest) -> list[str]:
        chosen = self.query_one("#answer-options", Choices).chosen
        return check_options(request, [request.options[index] for index in sorted(chosen)])

    def _entered(self, request: InputRequest) -> dict[str, Json]:
        return check_entries(request, values_in(self, self._params))

    def _check(self) -> tuple[list[str], dict[str, Json], str] | None:
        """Options, params and note; None while something is wrong or nothing waits."""
        request, said = self._request, self.query_one("#answer-said", Wrapped)
        if request is None or not self.query("#answer-options"):
            said.say([])
            self.query_one("#answer-command", Wrapped).say([])
            return None
        note = self.query_one("#field-note", Field).value.strip()
        try:
            chosen, entered = self._chosen(request), self._entered(request)
        except (NotAValue, TuiflowError) as err:
            said.say([(plain(err), palette.BAD)])
            return None
        said.say([(f"Enter answers: {plain(', '.join(chosen))}", palette.DIM)])
        deed = answer_deed(request, chosen, entered, note, self.desk.user)
        self.query_one("#answer-command", Wrapped).say([(f"same as:  {plain(deed.command)}", palette.DIM)])
        self.desk.unsay(NOT_COMPLETE)
        return chosen, entered, note

    def on_choices_changed(self) -> None:
        self._check()

    def on_input_changed(self, _event: Input.Changed) -> None:
        self._check()

    # -- going on

    async def _turn(self, step: int) -> None:
        if len(self._waiting) > 1:
            self._at = (self._at + step) % len(self._waiting)
            await self._show()
        else:
            self.desk.toast("nothing else waits for an answer here")

    async def action_later(self) -> None:
        await self._turn(1)

    async def action_earlier(self) -> None:
        await self._turn(-1)

    def on_input_submitted(self) -> None:
        self.call_later(self.action_open)

    def on_rows_opened(self) -> None:
        self.call_later(self.action_open)

    async def action_open(self) -> None:
        request, given = self._request, self._check()
        if request is None or given is None:
            self.desk.toast(NOT_COMPLETE if request else "nothing waits for a person here")
            return
        deed = answer_deed(request, *given, self.desk.user)
        if await self.desk.perform(deed.verb, **deed.args) is None:
            return
        self.desk.toast(f"answered {request.key.task_id}: {', '.join(given[0])}")
        await self._read()
        if not self._waiting:
            self.desk.close_sheet()

    def action_copy(self) -> None:
        from tui_flow.tui import clipboard

        request, given = self._request, self._check()
        if request is None or given is None:
            return
        deed = answer_deed(request, *given, self.desk.user)
        how = clipboard.copy(deed.command, self.desk.write_to_terminal)
        self.desk.toast(f"copied the command {how}" if how else "the command is too long to copy")
