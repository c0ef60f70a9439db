"""Fields of forms that rise and fall."""

from __future__ import annotations

from rich.style import Style
from textual.geometry import Size

from tui_flow.tui.forms import Choices, Field
from tui_flow.tui.line import Line
from tui_flow.tui.text import pieces_width
from tui_flow.tui.wrapped import MOST_LINES, wrapped


def test_a_field_may_complain_before_it_is_shown_and_after() -> None:
    field = Field("size", "size")
    field.complain("too large")
    (note,) = [child for child in field.compose() if isinstance(child, Line) and child.has_class("field-note")]
    assert "too large" in "".join(text for _, text in note.laid_out(40))


def test_choices_take_as_many_lines_as_they_need() -> None:
    choices = Choices("What", ("these and what follows", "only these", "failed ones", "the whole run"))
    size = Size(120, 36)
    assert choices.get_content_height(size, size, 120) == 1
    assert choices.get_content_height(size, size, 80) == 2
    assert choices.get_content_height(size, size, 20) == 4


def test_a_command_is_wrapped_between_its_words() -> None:
    command = "same as:  tuiflow clear nightly_etl --run scheduled__2026-11-21T02:00:00+00:00 --only-failed"
    lines = wrapped([(command, None)], 60)
    texts = ["".join(text for text, _ in line) for line in lines]
    assert len(lines) == 2 and all(pieces_width(line) <= 61 for line in lines)
    assert [text.strip() for text in texts] == [command[:41], command[42:]]
    assert all(text.startswith("   ") for text in texts)


def test_blanks_begin_no_line() -> None:
    assert wrapped([("   ", None)], 40) == []
    assert wrapped([("   so", None)], 40) == [[("   ", None), ("so", None)]]


def test_a_word_without_end_is_broken_and_the_last_line_says_that_there_is_more() -> None:
    lines = wrapped([("好" * 300, None), (" and more", None)], 40)
    assert len(lines) == MOST_LINES
    assert "…" in "".join(text for text, _ in lines[-1]) and "…" not in "".join(text for text, _ in lines[0])


def test_what_has_no_blank_stays_together_in_any_style() -> None:
    pair = [("\u2717\N{NO-BREAK SPACE}", Style(bold=True)), ("failed ", None)]
    lines = wrapped(pair * 3, 16)
    assert ["".join(text for text, _ in line).strip() for line in lines] == ["\u2717 failed"] * 3
