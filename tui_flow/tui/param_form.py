"""Fields for params, as their JSON schemas want them, and the values that stand in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.widget import Widget

from tui_flow.errors import TuiflowError
from tui_flow.spec import Json
from tui_flow.tui.forms import Choices, Field
from tui_flow.tui.text import plain
from tui_flow.tui.views.params import Kind, NotAValue, ParamField, value_of

Check = Callable[[str, Json], None]
"""Takes a param's name and value. Raises TuiflowError for one that does not fit."""


def param_widget(number: int, param: ParamField) -> Choices | Field:
    title = plain(param.title) + ("" if not param.is_needed else " *")
    if param.kind is Kind.SWITCH:
        return Choices(title, ("yes", "no"), (0 if param.value else 1,), id=f"param-{number}")
    if param.kind is Kind.CHOICE:
        options = [plain(option) for option in param.options]
        at = param.options.index(param.value) if param.value in param.options else 0
        return Choices(title, options, (at,), id=f"param-{number}")
    return Field(f"param-{number}", title, param.text, note=plain(param.note))


def values_in(box: Widget, params: Sequence[ParamField], check: Check) -> dict[str, Json]:
    """Of every param; says beside the field what is wrong. Raises NotAValue when something is."""
    values: dict[str, Json] = {}
    wrong = ""
    for number, param in enumerate(params):
        try:
            values[param.name] = _value(box, number, param, check)
        except (NotAValue, TuiflowError) as err:
            wrong = f"{param.name}: {err}"
    if wrong:
        raise NotAValue(wrong)
    return values


def _value(box: Widget, number: int, param: ParamField, check: Check) -> Json:
    if param.kind in (Kind.SWITCH, Kind.CHOICE):
        index = box.query_one(f"#param-{number}", Choices).index
        return index == 0 if param.kind is Kind.SWITCH else param.options[index]
    line = box.query_one(f"#field-param-{number}", Field)
    try:
        value = value_of(param, line.value)
        check(param.name, value)
    except (NotAValue, TuiflowError) as err:
        line.complain(plain(err))
        raise
    line.complain("")
    return value
