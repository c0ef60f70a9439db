"""A sheet that shows exactly what it will do, from a dry run, and does it on enter."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import Worker

from tui_flow.errors import TuiflowError
from tui_flow.tui import palette
from tui_flow.tui.forms import Choices
from tui_flow.tui.keys import bindings
from tui_flow.tui.rows import Rows
from tui_flow.tui.sheet import Sheet
from tui_flow.tui.text import Piece, plain
from tui_flow.tui.views.deeds import Deed, Preview, preview_of, said
from tui_flow.tui.wrapped import Wrapped

SHARE = 28
"""Of the screen's height, in hundredths: so much the list of what would change takes at most."""


class PreviewRows(Rows):
    """What would change; enter does it, be there rows or not."""

    def action_open(self) -> None:
        self.post_message(self.Opened(self, self.cursor_key))


class AskingSheet(Sheet):
    """Subclasses say the title, the fields and the deeds; the rest is here."""

    HINTS: ClassVar[tuple[str, ...]] = ("open", "next_pane", "mark", "copy", "back")
    BINDINGS = bindings("open", "copy")
    DEFAULT_CSS = f"""
    AskingSheet {{ height: auto; max-height: 85%; layout: vertical; }}
    AskingSheet .preview {{ height: auto; max-height: {SHARE}vh; min-height: 1; }}
    AskingSheet .number {{ display: none; }}
    AskingSheet.large .number {{ display: block; }}
    """
    TITLE = ""
    VERB = "change"
    DONE = "done"
    MANY = "task instances"
    """What is counted where the number is to be typed."""
    SKIPS_REFUSED = False
    """True: deeds that would be refused are left out while others would not."""

    def __init__(self) -> None:
        super().__init__()
        self._preview: Preview | None = None
        self._deeds: Sequence[Deed] = ()

    def hints(self) -> Sequence[str]:
        """Without the keys of parts that it does not have."""
        missing = {"mark"} if not self.query(Choices) else set()
        if not self.query("Choices, Field"):
            missing.add("next_pane")
        return [hint for hint in super().hints() if hint.partition("~")[0] not in missing]

    def fields(self) -> Sequence[Widget]:
        return ()

    def wanted(self) -> str:
        """What is to be entered before anything can be said of the rest; empty: nothing."""
        return ""

    def deeds(self) -> Sequence[Deed]:
        """What the fields say now."""
        raise NotImplementedError

    async def preview(self, answers: Sequence[Any]) -> Preview:
        """What the dry runs' answers mean."""
        return preview_of(answers, self.desk.look, self.desk.is_utc)

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        return said(preview, self.VERB)

    def done(self, preview: Preview, _answers: Sequence[Any]) -> str:
        """What the footer says afterwards."""
        return f"{self.DONE}: {preview.tasks} task instance{'s' if preview.tasks != 1 else ''}"

    def compose(self) -> ComposeResult:
        yield self.title_line(self.TITLE)
        yield from self.fields()
        yield Wrapped(id="sheet-said")
        rows = PreviewRows(id="sheet-preview")
        rows.add_class("preview", update=False)
        yield rows
        yield self.more_line()
        number = Input(placeholder=f"so many: type the number of {self.MANY} to go on", id="sheet-number")
        number.add_class("number", update=False)
        yield number
        yield Wrapped(id="sheet-command")

    async def on_mount(self) -> None:
        self.trap_focus()
        self._rehearse()

    def take_focus(self) -> None:
        first = next(iter(self.query("Choices, Field Input")), None) or self.query_one("#sheet-preview", Rows)
        first.focus()

    # -- the dry run

    def on_choices_changed(self) -> None:
        self._rehearse_anew()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id != "sheet-number":
            self._rehearse_anew()

    def _rehearse_anew(self) -> None:
        """Something else is entered: what was said of that before it holds no more."""
        self.desk.unsay()
        self._rehearse()

    def _rehearse(self) -> None:
        self._preview = None
        self._rehearsal: Worker[None] = self.run_worker(self._dry_run, exclusive=True, group="dry run")

    async def _dry_run(self) -> None:
        try:
            if wanted := self.wanted():
                preview = Preview(problem=wanted, is_unfinished=True)
            else:
                self._deeds, answers = await self._rehearsed(self.deeds())
                preview = await self.preview(answers)
        except TuiflowError as err:
            preview = Preview(problem=str(err))
        self._preview = preview
        self._show()
        with suppress(TuiflowError):  # the database is being replaced, say: what is known is said
            await self.count()

    async def count(self) -> None:
        """What takes longer than the dry run itself, and may come after it."""

    async def _rehearsed(self, deeds: Sequence[Deed]) -> tuple[list[Deed], list[Any]]:
        """The deeds that may be done, with what each would answer. Raises TuiflowError where none may."""
        allowed: list[Deed] = []
        answers: list[Any] = []
        refused: TuiflowError | None = None
        for deed in deeds:
            try:
                answers.append(await self.desk.rehearse(deed.verb, **deed.args))
                allowed.append(deed)
            except TuiflowError as err:
                if not self.SKIPS_REFUSED:
                    raise
                refused = err
        if refused is not None and not allowed:
            raise refused
        return allowed, answers

    def _show(self) -> None:
        preview = self._preview
        if preview is None or not self.query("#sheet-said"):  # closed before the dry run had answered
            return
        self.query_one("#sheet-said", Wrapped).say(self.sentence(preview))
        self.query_one("#sheet-preview", Rows).show_rows(preview.rows)
        self.say_more(len(preview.rows), SHARE)
        self.set_class(preview.needs_number, "large")
        lines = "; ".join(self._commands())
        self.query_one("#sheet-command", Wrapped).say([(f"same as:  {plain(lines)}", palette.DIM)] if lines else [])
        self.desk.say()

    def _commands(self) -> list[str]:
        """That do the same; none where nothing would be done."""
        preview = self._preview
        if preview is None or preview.problem or not (preview.tasks or preview.runs):
            return []
        return [deed.command for deed in self._deeds if deed.command]

    # -- the deed

    def on_rows_opened(self, message: Rows.Opened) -> None:
        if isinstance(message.rows, PreviewRows):
            self.call_later(self.action_open)

    def on_input_submitted(self) -> None:
        self.call_later(self.action_open)

    async def action_open(self) -> None:
        if self._preview is None:
            await self._dry_run()
        preview = self._preview
        if preview is None or preview.problem or not (preview.tasks or preview.runs):
            self.desk.toast(preview.problem if preview and preview.problem else "nothing would change")
            return
        number = self.query_one("#sheet-number", Input)
        if preview.needs_number and number.value.strip() != str(preview.tasks):
            number.focus()
            self.desk.toast(f"type {preview.tasks} to {self.VERB} so many {self.MANY}")
            return
        answers = []
        for deed in self._deeds:
            answers.append(await self.carry_out(deed))
            if answers[-1] is None:
                return
        self.desk.close_sheet()
        self.desk.toast(self.done(preview, answers))

    async def carry_out(self, deed: Deed) -> Any:
        """The answer; None where it was refused, and a toast says why."""
        return await self.desk.perform(deed.verb, **deed.args)

    def action_copy(self) -> None:
        from tui_flow.tui import clipboard

        lines = self._commands()
        if not lines:
            self.desk.toast("there is nothing to do, so there is no command to copy")
            return
        how = clipboard.copy("\n".join(lines), self.desk.write_to_terminal)
        self.desk.toast(f"copied the command {how}" if how else "the command is too long to copy")
