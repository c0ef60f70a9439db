"""The fixtures: each executor, a stage of a module, stages of one test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.integration.executor_kit import Stage
from tests.integration.executors.stage import (
    EXECUTORS,
    NewStage,
    open_stage,
)
from tui_flow.executors.local import LocalExecutor


@pytest.fixture(params=EXECUTORS, ids=["local", "sequential"], scope="module")
def kind(request: pytest.FixtureRequest) -> type[LocalExecutor]:
    found: type[LocalExecutor] = request.param
    return found


@pytest.fixture(scope="module")
def stage(kind: type[LocalExecutor], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One for all tests that leave it as it was."""
    with open_stage(tmp_path_factory.mktemp("stage"), kind) as found:
        yield found


@pytest.fixture
def new_stage(kind: type[LocalExecutor], tmp_path: Path) -> Iterator[NewStage]:
    """Stages of one home of this test, for what breaks things."""
    with ExitStack() as stages:

        def open_another(**options: Any) -> Stage:
            return stages.enter_context(open_stage(tmp_path / "stage", kind, **options))

        yield open_another
