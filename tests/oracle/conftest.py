"""Makes one test of each case; see `tests/conftest.py` for the options."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.cases import CASES, DAGS, read_cases
from tests.oracle.different import difference_of

WITHOUT_CASES = pytest.StashKey[list[str]]()
"""Categories that have a test and no case."""


def cases_files(config: pytest.Config) -> tuple[Path, ...]:
    chosen = config.getoption("--oracle-cases")
    return (Path(chosen),) if chosen else CASES


def dags_files(config: pytest.Config) -> tuple[Path, ...]:
    chosen = config.getoption("--oracle-dags")
    return (Path(chosen),) if chosen else DAGS


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    categories = getattr(metafunc.function, "categories", None)
    if categories is None:
        return
    found = read_cases(cases_files(metafunc.config))
    chosen = []
    for case in (case for category in categories for case in found[category]):
        reason = difference_of(case)
        marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
        chosen.append(pytest.param(case, id=case["id"], marks=marks))
    metafunc.parametrize("case", chosen)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A category without a case has no test; the report names it."""
    empty = [item for item in items if "case" in getattr(item, "fixturenames", ()) and not _has_case(item)]
    if empty:
        config.hook.pytest_deselected(items=empty)
        config.stash[WITHOUT_CASES] = sorted({name for item in empty for name in _categories(item)})
        items[:] = [item for item in items if item not in empty]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if names := config.stash.get(WITHOUT_CASES, []):
        files = ", ".join(map(str, cases_files(config)))
        terminalreporter.write_line(f"{files}: no case of {', '.join(names)}")


def _has_case(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and isinstance(item.callspec.params.get("case"), dict)


def _categories(item: pytest.Item) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(getattr(item, "function", None), "categories", ())
    return found
