"""Whether operators that can wait in a trigger do so where nobody says."""

from __future__ import annotations

import os
from functools import cache

from tui_flow.settings import home_from_environment, load_settings

_TRUE = frozenset({"true", "t", "yes", "y", "1", "on"})


def is_deferrable(deferrable: bool | None) -> bool:
    """An operator's `deferrable` argument; None is what the setting says."""
    return default_deferrable() if deferrable is None else bool(deferrable)


@cache
def default_deferrable() -> bool:
    """`[operators] default_deferrable`, of Airflow's environment variable or of the settings."""
    word = os.environ.get("AIRFLOW__OPERATORS__DEFAULT_DEFERRABLE")
    if word is None:
        word = load_settings(home_from_environment()).operators.default_deferrable
    return word.strip().lower() in _TRUE
