"""JSON, pairs and closed sets from the command line."""

from __future__ import annotations

import pytest

from tui_flow.cli.inputs import one_of, parse_conf
from tui_flow.errors import BadInput


def test_conf_and_pairs_are_merged_and_pairs_win() -> None:
    assert parse_conf('{"a": 1, "b": 2}', ["b=3", "c=text", "d=[1]", "e=a=b", "f="]) == {
        "a": 1,
        "b": 3,
        "c": "text",
        "d": [1],
        "e": "a=b",
        "f": "",
    }
    assert parse_conf(None) == {}


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        ("{", "--conf is not JSON: Expecting property name"),
        ("[1]", "must be a JSON object"),
        ("null", "must be a JSON object"),
        ("[" * 100_000, "nested too deeply"),
        ("@/nonexistent/conf.json", "cannot read '/nonexistent/conf.json'"),
    ],
)
def test_bad_conf_is_one_clear_line(conf: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        parse_conf(conf)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("pair", ["novalue", "=x", ""])
def test_a_bad_pair_is_named(pair: str) -> None:
    with pytest.raises(BadInput, match="is not key=value"):
        parse_conf(None, [pair])


def test_a_closed_set_suggests_what_is_close() -> None:
    assert one_of("failed", ["failed", "success"], "state") == "failed"
    with pytest.raises(BadInput, match="did you mean 'failed'.; one of failed, success"):
        one_of("faild", ["failed", "success"], "state")
