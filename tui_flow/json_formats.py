"""What the `format` of a param may ask for: what `jsonschema` knows, and durations, which it leaves to others."""

from __future__ import annotations

import re
from typing import Any

_NUMBER = r"\d+(?:[.,]\d+)?"
_DURATION = re.compile(
    rf"[-+]?P(?:{_NUMBER}W|(?=.)(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?"
    rf"(?:T(?=.)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)"
)


def is_duration(value: object) -> bool:
    """Whether it is a duration of ISO 8601, as `P1DT12H`; what is no text is left to `type`."""
    return not isinstance(value, str) or _DURATION.fullmatch(value) is not None


def format_checker() -> Any:
    """A `jsonschema.FormatChecker`."""
    from jsonschema import FormatChecker  # 60 modules, for DAGs with params only

    checker = FormatChecker()
    checker.checks("duration")(is_duration)
    return checker
