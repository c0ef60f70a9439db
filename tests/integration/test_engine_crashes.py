"""A short slice of the campaigns of `python -m tests.crash`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.campaign import Victims, run_campaign


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("victims", Victims)
def test_a_campaign_of_kills(tmp_path: Path, victims: Victims, seed: int) -> None:
    outcome = run_campaign(tmp_path, seed, victims, rounds=10)
    assert outcome.kills.total() >= 10 and outcome.attempts["success"]
