"""Triggers of files, on a folder in memory: what they look for and what they take away."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from tui_flow.operators import trigger_file
from tui_flow.sdk.trigger import BaseTrigger


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The paths that are there; what looks for one a second time finds it."""
    there: set[str] = set()
    looked: list[str] = []

    def is_file(path: str) -> bool:
        looked.append(path)
        if len(looked) > 1:
            there.add(path)
        return path in there

    monkeypatch.setattr(os.path, "isfile", is_file)
    monkeypatch.setattr(os, "unlink", there.remove)
    return there


async def _first(trigger: BaseTrigger) -> Any:
    async for event in trigger.run():
        return event.payload
    return None


def test_a_file_is_waited_for_and_taken_away(files: set[str]) -> None:
    assert asyncio.run(_first(trigger_file.FileDeleteTrigger("/in/a", poke_interval=0))) is True
    assert files == set()


def test_a_file_of_a_folder_is_named_in_the_event(files: set[str]) -> None:
    trigger = trigger_file.DirectoryFileDeleteTrigger(directory="/in", filename="a", poke_interval=0)
    assert asyncio.run(_first(trigger)) == {"filepath": "/in/a"}
    assert files == set()


@pytest.mark.parametrize(
    "trigger",
    [
        trigger_file.FileDeleteTrigger("/in/a", poke_interval=2),
        trigger_file.DirectoryFileDeleteTrigger(directory="/in", filename="a", poke_interval=2),
    ],
    ids=["file", "directory"],
)
def test_it_can_be_made_again_elsewhere(trigger: BaseTrigger) -> None:
    path, kwargs = trigger.serialize()
    made = getattr(trigger_file, path.rpartition(".")[2])(**kwargs)
    assert made.serialize() == trigger.serialize() and kwargs["poke_interval"] == 2
