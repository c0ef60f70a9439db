"""Verbs of `actions` against a real database."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.store_kit import (
    NOW,
)
from tui_flow.actions.dispatch import perform, preview
from tui_flow.store.writer import Writer


def do(writer: Writer, verb: str, /, **args: Any) -> Any:
    """The answer, after checking that the preview said the same."""
    foreseen = preview(verb, args, writer.reads, NOW)
    done = perform(verb, args, writer, NOW, who="tester")
    assert json.loads(json.dumps(done.answer)) == json.loads(json.dumps(foreseen))
    return done.answer
