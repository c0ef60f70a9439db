from __future__ import annotations

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tui_flow.tui.painting import Canvas, codes_of

RED = Style.parse("red")


def layout(*lines: str | list[Segment]) -> LayoutUpdate:
    strips = [Strip(line if isinstance(line, list) else [Segment(line)]) for line in lines]
    return LayoutUpdate([[strip] for strip in strips], Region(0, 0, 10, len(lines)))


def written(canvas: Canvas, update: LayoutUpdate | ChopsUpdate) -> str:
    return canvas.painted(update, (10, 3), ColorSystem.STANDARD).text


def test_only_cells_that_differ_are_written() -> None:
    canvas = Canvas()
    assert written(canvas, layout("0123456789", "abc       ")) == "\x1b[1;1H0123456789\x1b[2;1Habc\x1b[K"
    assert written(canvas, layout("0123456789", "abc       ")) == ""
    assert written(canvas, layout("x12345678y", "abc       ")) == "\x1b[1;1Hx\x1b[1;10Hy"
    assert written(canvas, layout("x12z5678y ", "abc       ")) == "\x1b[1;4Hz5678y "


def test_a_look_is_part_of_a_cell() -> None:
    canvas = Canvas()
    written(canvas, layout("0123456789"))
    red = layout([Segment("01"), Segment("23", RED), Segment("456789")])
    assert written(canvas, red) == "\x1b[1;3H\x1b[31m23\x1b[0m"
    assert written(canvas, layout("0123456789")) == "\x1b[1;3H23"


def test_parts_of_a_line() -> None:
    canvas = Canvas()
    written(canvas, layout("0123456789"))
    chops = ChopsUpdate([{0: None, 4: Strip([Segment("xy6789")])}], [(0, 4, 8)], [[4, 10]])
    assert written(canvas, chops) == "\x1b[1;5Hxy"
    assert written(canvas, layout("0123xy6789")) == ""


def test_a_line_with_wide_characters_is_written_whole() -> None:
    canvas = Canvas()
    written(canvas, layout("0123456789"))
    assert written(canvas, layout("日本56789x")) == "\x1b[1;1H日本56789x"
    assert written(canvas, layout("日本56789x")) == ""
    assert written(canvas, layout("0123456789")) == "\x1b[1;1H0123456789"


def test_what_was_forgotten_is_written_again() -> None:
    canvas = Canvas()
    whole = written(canvas, layout("0123456789"))
    canvas.forget()
    assert written(canvas, layout("0123456789")) == whole
    assert canvas.painted(layout("0123456789"), (10, 2), ColorSystem.STANDARD).text == whole  # another size


def test_what_is_beyond_the_terminal_is_left_out() -> None:
    canvas, update = Canvas(), layout("0123456789", "abcdefghij")
    assert canvas.painted(update, (4, 1), ColorSystem.STANDARD).text == "\x1b[1;1H0123"
    beyond = ChopsUpdate([{0: None, 6: Strip([Segment("6789")])}], [(0, 6, 10)], [[6, 10]])
    assert canvas.painted(beyond, (4, 1), ColorSystem.STANDARD).text == ""


def test_default_colours_need_no_code() -> None:
    style = Style.parse("bold default on default")
    assert codes_of(style, ColorSystem.STANDARD) == "1"
    assert codes_of(Style.parse("color(39) on color(49)"), ColorSystem.EIGHT_BIT) == "38;5;39;48;5;49"
