"""That no case is left out."""

from __future__ import annotations

import pytest

from tests.oracle import test_rules, test_runs, test_timetables, test_values
from tests.oracle.cases import CASES, TRIED, read_cases
from tests.oracle.conftest import cases_files
from tests.oracle.different import DIFFERENT

assert all((test_rules, test_runs, test_timetables, test_values))  # their import says what is tried

TRIED_ELSEWHERE = {"weights"}
"""Categories that other files of cases have; a unit test has this one's example."""


def test_every_category_has_a_test(request: pytest.FixtureRequest) -> None:
    found = read_cases(cases_files(request.config))
    assert found.keys() - TRIED == set()


def test_every_test_has_a_case_of_ours() -> None:
    assert TRIED - read_cases(CASES).keys() == TRIED_ELSEWHERE


def test_no_case_is_listed_twice(request: pytest.FixtureRequest) -> None:
    ids = [case["id"] for cases in read_cases(cases_files(request.config)).values() for case in cases]
    assert len(ids) == len(set(ids))


def test_every_difference_covers_a_case_and_says_why(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--oracle-cases"):
        return
    cases = [case for found in read_cases(cases_files(request.config)).values() for case in found]
    for rule in DIFFERENT:
        assert rule.reason and any(map(rule.covers, cases)), rule.reason
