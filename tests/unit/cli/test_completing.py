"""Words as bash breaks them (bash 5.2, as it was seen to do), and as they were meant."""

from __future__ import annotations

import pytest

from tui_flow.cli.completing import joined


@pytest.mark.parametrize(
    ("broken", "words", "kept"),
    [
        (["t", "--run", "a"], ["t", "--run", "a"], 0),
        (["t", "--run", "a", ":"], ["t", "--run", "a:"], 2),
        (["t", "--run", "a", ":", "b"], ["t", "--run", "a:b"], 2),
        (["t", "--run", "a", "::", "b", ":", "c"], ["t", "--run", "a::b:c"], 5),
        (["t", "--run", "a", ":", ""], ["t", "--run", "a:", ""], 0),
        (["t", "--run", "=", "a", ":", "b"], ["t", "--run=a:b"], 8),
        (["t", "'a:b"], ["t", "'a:b"], 0),
        (["t", ""], ["t", ""], 0),
    ],
)
def test_a_word_that_was_broken_is_one_and_of_it_the_last_piece_is_replaced(
    broken: list[str], words: list[str], kept: int
) -> None:
    assert joined(broken, len(broken) - 1) == (words, len(words) - 1, kept)


def test_what_follows_the_cursor_is_left_out() -> None:
    assert joined(["t", "a", ":", "b", "c"], 3) == (["t", "a:b"], 1, 2)
