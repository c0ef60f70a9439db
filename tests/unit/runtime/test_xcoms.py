"""XComs that stay inline, and those that are refused; files of large ones are an integration test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_flow.runtime.xcoms import XComFiles
from tui_flow.sdk.exceptions import XComNotSerializable

FILES = XComFiles(Path("/nonexistent"), inline_bytes=20, max_bytes=40)


@pytest.mark.parametrize("value", [None, 1, "x" * 18, "ü" * 9, {"$file": 1}, {"a": [1, 2]}])
def test_small_values_stay_inline(value: object) -> None:
    text = XComFiles(Path("/nonexistent"), 100, 100).encode(value, "k")
    assert FILES.decode(text) == value


def test_a_value_that_looks_like_a_file_is_none() -> None:
    """Nobody reads files by pushing their names."""
    files = XComFiles(Path("/etc"), 1000, 1000)
    value = {"$file": "passwd"}
    assert files.decode(files.encode(value, "k")) == value


def test_bytes_are_counted_not_characters() -> None:
    with pytest.raises(XComNotSerializable, match=r"XCom 'k' has 42 bytes, over the limit of 40"):
        FILES.encode("ü" * 20, "k")


def test_the_message_says_what_to_do() -> None:
    with pytest.raises(XComNotSerializable, match=r"\[xcom\] max_bytes.*write it to a file and push the path"):
        FILES.encode("x" * 100, "k")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (object(), r"^XCom 'k': a value of type object cannot be an XCom; return plain data"),
        ({"a": [object()]}, r"^XCom 'k', \['a'\]\[0\]: a value of type object cannot be an XCom"),
    ],
)
def test_a_refusal_names_the_key_the_place_and_the_type(value: object, told: str) -> None:
    with pytest.raises(XComNotSerializable, match=told):
        FILES.encode(value, "k")


def test_a_value_that_contains_itself_is_refused() -> None:
    value: list[object] = []
    value.append(value)
    with pytest.raises(XComNotSerializable, match="contains itself"):
        FILES.encode(value, "k")
