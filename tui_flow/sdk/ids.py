"""The rule for ids that users choose: they become file names, log paths and command-line arguments."""

from __future__ import annotations

import re

from tui_flow.errors import BadId

MAX_ID_LENGTH = 250
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,249}")
_RULE = (
    f"use 1 to {MAX_ID_LENGTH} of the characters A-Z a-z 0-9 '_' '-' '.', "
    "beginning with a letter, a digit or '_', and without '..'"
)


def validate_id(what: str, value: object) -> str:
    """`value` when it may name a `what` ("DAG", "task", ...). Raises BadId with the rule."""
    if not isinstance(value, str):
        raise BadId(f"a {what} id must be a string, not {type(value).__name__} ({value!r:.60})")
    if not _KEY.fullmatch(value) or ".." in value:
        raise BadId(f"{what} id {value!r:.80} is not valid: {_RULE}")
    return value


def validate_group_id(value: object) -> str:
    """As `validate_id`, without dots: they separate a group from what is in it."""
    group_id = validate_id("task group", value)
    if "." in group_id:
        raise BadId(
            f"task group id {group_id!r:.80} is not valid: dots separate a group from its tasks; use '_' or '-'"
        )
    return group_id
