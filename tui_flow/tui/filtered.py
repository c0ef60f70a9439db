"""Words that filter the rows of a page as they are typed."""

from __future__ import annotations

from textual.widgets import Input

from tui_flow.tui.page import Page


class FilteredPage(Page):
    """Subclasses compose `filter_field` and draw their rows by `words`."""

    DEFAULT_CSS = """
    FilteredPage .filter { display: none; height: 1; dock: bottom; }
    FilteredPage.filtering .filter { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.words = ""

    def filter_field(self, placeholder: str) -> Input:
        return Input(placeholder=placeholder, classes="filter")

    @property
    def _field(self) -> Input:
        return self.query_one(".filter", Input)

    def draw_filtered(self) -> None:
        """The words are other ones."""
        raise NotImplementedError

    def filter_by(self, words: str) -> None:
        self._field.value = words

    def action_find(self) -> None:
        self.add_class("filtering")
        self._field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.words = event.value
        self.draw_filtered()
        self.desk.say()

    def on_input_submitted(self) -> None:
        self.remove_class("filtering")
        self.take_focus()
        self.desk.reload_cursor()

    def peel_filter(self) -> bool:
        """Whether there was one to take away."""
        if not (self.has_class("filtering") or self.words):
            return False
        self.remove_class("filtering")
        self.filter_by("")
        self.take_focus()
        return True
