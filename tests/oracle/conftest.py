"""Makes one test of each case; see `tests/conftest.py` for the options."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.cases import CASES, DAGS, read_cases
from tests.oracle.different import difference_of


def cases_file(config: pytest.Config) -> Path:
    return Path(config.getoption("--oracle-cases") or CASES)


def dags_file(config: pytest.Config) -> Path:
    return Path(config.getoption("--oracle-dags") or DAGS)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    categories = getattr(metafunc.function, "categories", None)
    if categories is None:
        return
    found = read_cases(cases_file(metafunc.config))
    chosen = []
    for case in (case for category in categories for case in found[category]):
        reason = difference_of(case)
        marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
        chosen.append(pytest.param(case, id=case["id"], marks=marks))
    metafunc.parametrize("case", chosen)
