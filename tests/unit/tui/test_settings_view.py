"""Pools, variables, connections: what a form would change is said, what is secret is not."""

from __future__ import annotations

from tui_flow.records import ConnectionRow, Pool, PoolUse, VariableRow
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import Row, pieces_width
from tui_flow.tui.views.settings import (
    ConnectionFacts,
    VariableFacts,
    changes,
    connection_deed,
    connection_row,
    connection_said,
    delete_deeds,
    facts_of_connection,
    facts_of_variable,
    pool_deed,
    pool_row,
    pool_said,
    secret_said,
    variable_deed,
    variable_row,
)

LOOK = Palette()


def text_of(row: Row) -> str:
    return "".join(text for text, _ in row.pieces)


def test_only_what_differs_is_listed() -> None:
    before, after = pool_said(Pool("p", 3)), pool_said(Pool("p", -1, description="x"))
    found = changes(before, after, LOOK)
    assert [text_of(row).strip() for row in found.rows] == ["slots            3 → no limit", "description      x"]
    assert found.runs == 1
    assert changes(before, before, LOOK).runs == 0


def test_something_new_is_a_change_even_where_nothing_is_filled_in() -> None:
    assert changes(None, {"description": ""}, LOOK).runs == 1


def test_a_secret_is_only_said_to_be_there() -> None:
    assert [secret_said(False), secret_said(True), secret_said(True, ""), secret_said(True, "x")] == [
        "",
        "***",
        "",
        "*** (another)",
    ]
    facts = facts_of_connection(ConnectionRow("c", "http", "h", "me", "swordfish", extra='{"k": "swordfish"}'))
    shown = text_of(connection_row(facts, 120)) + str(connection_said(facts, secret_said(True), secret_said(True)))
    assert "swordfish" not in shown + repr(facts)
    deed = connection_deed(facts, "swordfish", None, is_new=False)
    assert "swordfish" not in deed.command and deed.args["password"] == "swordfish"
    assert deed.args["keep"] == ["extra"]
    assert "swordfish" not in variable_deed("api_key", "swordfish", "", is_new=True).command


def test_a_variable_is_a_secret_if_its_key_sounds_like_one() -> None:
    region, api_key = (facts_of_variable(VariableRow(key, "eu west", "d")) for key in ("region", "api_key"))
    assert text_of(variable_row(region, 60)).split() == ["region", "eu", "west", "d"]
    assert text_of(variable_row(api_key, 60)).split() == ["api_key", "***", "d"]
    assert region.fits_a_line and not VariableFacts("region", value="two\nlines").fits_a_line
    assert (
        variable_deed("region", "eu west", "", False).command
        == "tuiflow variables set region 'eu west' --description ''"
    )
    assert variable_deed("region", None, "d", False).args["value"] is None


def test_a_negative_number_of_slots_is_no_option_of_the_command() -> None:
    assert pool_deed("p", -1, True, "").command == "tuiflow pools set p --include-deferred -- -1"


def test_each_thing_is_deleted_by_its_own_name() -> None:
    assert [(deed.verb, deed.args) for deed in delete_deeds("connection", ["a", "b"])] == [
        ("delete_connection", {"conn_id": "a"}),
        ("delete_connection", {"conn_id": "b"}),
    ]


def test_rows_end_at_the_edge() -> None:
    for width in (58, 78, 118, 198):
        long = "w" * 90
        facts = ConnectionFacts(long, long, long, long, 65535, long, long, True, True)
        for row in (connection_row(facts, width), variable_row(VariableFacts(long, long, long), width)):
            assert pieces_width(row.pieces) <= width + 1 or width < 70
    full = text_of(pool_row(PoolUse(Pool("p", 2), running=1, queued=1), LOOK, 80))
    assert "2/2" in full and "full" in full and "1 running  1 queued" in full
