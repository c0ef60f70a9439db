"""A file of cases: what Airflow answered. The suite's tests say by `answers(...)` which categories they try."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from tests.airflow_dags import DATA

CASES = (DATA / "oracle_cases.json", DATA / "oracle_more_cases.json")
DAGS = (DATA / "oracle_dags.py", DATA / "oracle_more_dags.py")
Case = dict[str, Any]
Test = TypeVar("Test", bound=Callable[..., None])
TRIED: set[str] = set()
"""Categories that have a test."""


def answers(*categories: str) -> Callable[[Test], Test]:
    """The test's argument `case` becomes each case of these categories in turn."""

    def decorate(test: Test) -> Test:
        test.categories = categories  # type: ignore[attr-defined]
        TRIED.update(categories)
        return test

    return decorate


def read_cases(paths: Iterable[Path]) -> dict[str, list[Case]]:
    """By category."""
    found: dict[str, list[Case]] = defaultdict(list)
    for path in paths:
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            found[case["category"]].append(case)
    return found
