"""Fields of forms that rise and fall."""

from __future__ import annotations

from tui_flow.tui.forms import Field
from tui_flow.tui.line import Line


def test_a_field_may_complain_before_it_is_shown_and_after() -> None:
    field = Field("size", "size")
    field.complain("too large")
    (note,) = [child for child in field.compose() if isinstance(child, Line) and child.has_class("field-note")]
    assert "too large" in "".join(text for _, text in note.laid_out(40))
