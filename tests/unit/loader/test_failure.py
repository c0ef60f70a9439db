"""Import errors in words."""

from __future__ import annotations

import signal

import pytest

from tui_flow.errors import BadDag
from tui_flow.loader.failure import FailureKind, ImportFailure, describe_exception, describe_exit


def relative(path: str) -> str | None:
    return path.removeprefix("/dags/") if path.startswith("/dags/") else None


def failure_of(source: str, path: str = "/dags/etl.py", **names: object) -> ImportFailure:
    try:
        exec(compile(source, path, "exec"), dict(names))
    except BaseException as err:
        return describe_exception(err, "etl.py", relative)
    raise AssertionError("it should fail")


def test_an_exception_names_file_line_and_words() -> None:
    failure = failure_of("x = 1\ny = x / 0\n")
    assert failure.message == "etl.py:2: ZeroDivisionError: division by zero"
    assert failure.line == 2 and failure.kind is FailureKind.RAISED
    assert "test_failure.py" not in failure.traceback_text and "/dags/etl.py" in failure.traceback_text


def test_an_error_in_a_helper_names_both_places() -> None:
    def helper() -> None:
        exec(compile("\n\n{}['k']", "/dags/lib/helper.py", "exec"))

    failure = failure_of("\nhelper()", helper=helper)
    assert failure.message == "lib/helper.py:3 (imported at etl.py:2): KeyError: 'k'"
    assert failure.line == 2


def test_a_syntax_error_shows_where() -> None:
    failure = failure_of("x = 1\nfoo(\n")
    assert failure.message == "etl.py:2: SyntaxError: '(' was never closed"
    assert failure.line == 2 and failure.kind is FailureKind.SYNTAX
    assert "foo(" in failure.traceback_text and "^" in failure.traceback_text


def test_a_missing_module_says_for_which_python_to_install_it() -> None:
    assert "No module named 'nothing_such'; install it for" in failure_of("import nothing_such").message


@pytest.mark.parametrize("call", ["import sys; sys.exit(3)", "raise SystemExit(3)"])
def test_exits_are_told(call: str) -> None:
    failure = failure_of(call)
    assert failure.kind is FailureKind.EXITED
    assert failure.message == "etl.py:1: sys.exit(3) was called: the process exited before registering DAGs"


def test_our_own_errors_speak_for_themselves() -> None:
    def make() -> None:
        raise BadDag("DAG 'etl' has a cycle")

    failure = failure_of("make()", make=make)
    assert failure.message == "etl.py:1: DAG 'etl' has a cycle" and failure.kind is FailureKind.BAD_DAG


def test_a_message_is_one_line() -> None:
    assert "\n" not in failure_of("raise ValueError('a\\nb')").message


DUMP = """said before
Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "/usr/lib/python3.11/ctypes/__init__.py", line 9 in string_at
  File "/dags/etl.py", line 7 in <module>
  File "/dags/etl.py", line 1 in other
"""


def test_a_crash_names_the_signal_and_the_line() -> None:
    failure = describe_exit("etl.py", -signal.SIGSEGV, DUMP, dags_folder="/dags")
    assert failure.message == "etl.py:7: the process was ended by SIGSEGV while it imported the file"
    assert failure.line == 7 and failure.kind is FailureKind.CRASHED and "said before" in failure.traceback_text


def test_ends_without_an_answer() -> None:
    assert describe_exit("etl.py", 0).message == "etl.py: the process exited 0 before registering DAGs"
    assert "SIGKILL (out of memory?)" in describe_exit("etl.py", -9).message
    timed_out = describe_exit("etl.py", -9, timed_out_after_s=30)
    assert timed_out.message.startswith("etl.py: still running after 30 s") and timed_out.kind is FailureKind.TIMED_OUT


def test_failures_travel_as_json() -> None:
    failure = describe_exit("etl.py", 0)
    assert ImportFailure.from_dict(failure.to_dict()) == failure
