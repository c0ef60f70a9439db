"""The page of keys says what the table of keys says."""

from __future__ import annotations

from tests.keys_page import PAGE, page
from tui_flow.tui.keys import ACTIONS


def test_the_page_is_as_the_code_has_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.keys_page --write"


def test_every_action_is_on_it() -> None:
    assert all(f"`{action_id}`" in page() for action_id in ACTIONS)
