"""Fields for params, as their JSON schemas want them, and the values that stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from textual.widget import Widget

from tui_flow.actions.conf import problem_with
from tui_flow.spec import Json
from tui_flow.tui.forms import Choices, Entered, Field
from tui_flow.tui.line import Line, Part
from tui_flow.tui.palette import DIM, Palette
from tui_flow.tui.text import plain
from tui_flow.tui.views.params import Kind, NotAValue, ParamField, value_of


def param_widgets(params: Sequence[ParamField], look: Palette) -> Iterator[Widget]:
    """A field for each, with a heading where a section begins."""
    section = ""
    for number, param in enumerate(params):
        if param.section != section and param.section:
            heading = Line(fill=look.line("─"), base=DIM)
            heading.say([Part(look.line(f"   ── {plain(param.section)} "))])
            yield heading
        section = param.section
        yield param_widget(number, param)


def param_at(widget: Widget, params: Sequence[ParamField]) -> ParamField | None:
    """The param that a field, or a part of one, stands for."""
    ids = [part.id for part in widget.ancestors_with_self if part.id]
    number = next((int(id.rpartition("-")[2]) for id in ids if re.fullmatch(r"(field-)?param-\d+", id)), None)
    return params[number] if number is not None and number < len(params) else None


def param_widget(number: int, param: ParamField) -> Choices | Field:
    title = plain(param.title) + ("" if not param.is_needed else " *")
    if param.kind is Kind.SWITCH:
        return Choices(title, ("yes", "no"), (0 if param.value else 1,), id=f"param-{number}")
    if param.kind is Kind.CHOICE:
        options = [plain(option) for option in param.options]
        at = param.options.index(param.value) if param.value in param.options else 0
        return Choices(title, options, (at,), id=f"param-{number}")
    return Field(f"param-{number}", title, param.text, note=plain(param.note), is_secret=param.is_secret)


def values_in(box: Widget, params: Sequence[ParamField]) -> dict[str, Json]:
    """Of every param; says beside the field what is wrong. Raises NotAValue when something is."""
    values: dict[str, Json] = {}
    wrong = ""
    for number, param in enumerate(params):
        try:
            values[param.name] = _value(box, number, param)
        except NotAValue as err:
            wrong = wrong or f"{param.name}: {err}"
    if wrong:
        raise NotAValue(wrong)
    return values


def _value(box: Widget, number: int, param: ParamField) -> Json:
    part = _part(box, number, param)
    if isinstance(part, Choices):
        return _chosen(part, param)
    try:
        value = value_of(param, part.value)
        if problem := problem_with(param.schema, value):
            raise NotAValue("a value is needed" if value is None else problem)
    except NotAValue as err:
        part.complain(plain(err))
        raise
    part.complain("")
    return value


def values_so_far(box: Widget, params: Sequence[ParamField]) -> dict[str, Json]:
    """Of every param, right or wrong; the text itself where it is no value."""
    values: dict[str, Json] = {}
    for number, param in enumerate(params):
        part = _part(box, number, param)
        try:
            values[param.name] = _chosen(part, param) if isinstance(part, Choices) else value_of(param, part.value)
        except NotAValue:
            values[param.name] = part.value if isinstance(part, Field) else None
    return values


def _chosen(part: Choices, param: ParamField) -> Json:
    return part.index == 0 if param.kind is Kind.SWITCH else param.options[part.index]


def entered_in(box: Widget, params: Sequence[ParamField]) -> Entered:
    parts = {param.name: _part(box, number, param) for number, param in enumerate(params)}
    return {name: part.index if isinstance(part, Choices) else part.value for name, part in parts.items()}


def put_back(box: Widget, params: Sequence[ParamField], entered: Entered) -> None:
    for number, param in enumerate(params):
        part, was = _part(box, number, param), entered.get(param.name)
        if isinstance(part, Choices) and isinstance(was, int) and was < len(part.options):
            part.choose(was)
        elif isinstance(part, Field) and isinstance(was, str):
            part.value = was


def _part(box: Widget, number: int, param: ParamField) -> Choices | Field:
    if param.kind in (Kind.SWITCH, Kind.CHOICE):
        return box.query_one(f"#param-{number}", Choices)
    return box.query_one(f"#field-param-{number}", Field)
