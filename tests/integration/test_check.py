"""The parts of `python -m tests.check` that decide something."""

from __future__ import annotations

import sys

from tests.check import find_python, parse_arguments


def test_finds_interpreters_that_start_and_no_others() -> None:
    assert find_python(f"{sys.version_info.major}.{sys.version_info.minor}") is not None
    assert find_python("9.9") is None


def test_what_it_does_not_know_goes_to_pytest_in_order() -> None:
    options, rest = parse_arguments(["--fast", "-k", "retry", "-x", "--pythons", "3.12,3.13"])
    assert options.fast and options.pythons == ["3.12", "3.13"]
    assert rest == ["-k", "retry", "-x"]
