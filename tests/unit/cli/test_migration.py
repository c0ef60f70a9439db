"""What `tuiflow check` says of Airflow's files."""

from __future__ import annotations

import ast
from typing import Any

from tui_flow.cli.migration import WHY_IGNORED, dialect_words, ignored_arguments, missing, summary_words
from tui_flow.sdk import dag, operator_args
from tui_flow.settings import CoreSettings


def report(**facts: Any) -> dict[str, Any]:
    return {"dialect": None, "error": None, "ignored": [], "cannot": [], **facts}


def test_every_ignored_argument_has_a_reason() -> None:
    assert {*dag.IGNORED_ARGUMENTS, *operator_args.IGNORED_ARGUMENTS} - WHY_IGNORED.keys() == set()


def test_the_dialect_and_why() -> None:
    spec = {"dag_id": "d", "dialect": "airflow2", "dialect_reason": "imports airflow and not airflow.sdk: defaults"}
    words = dialect_words([spec])
    assert words is not None and words.startswith("Airflow 2's defaults") and words.endswith("not airflow.sdk")
    assert dialect_words([{"dag_id": "d"}]) is None
    assert "Airflow 3's" in str(dialect_words([], b"import airflow.sdk\n1/0"))
    assert dialect_words([], b"import airflow.sdk", "nonsense") is None


def test_what_is_ignored_says_where_and_why() -> None:
    tasks = [{"ignored": ["queue", "email"]}, {"ignored": ["queue"]}, {}]
    tree = ast.parse("DAG('d',\n access_control={},\n default_args={'queue': 'q'})\nA(queue='fast')")
    found = list(ignored_arguments([{"dag_id": "d", "ignored": ["access_control"], "tasks": tasks}], tree))
    assert [(each["name"], each["line"]) for each in found] == [("access_control", 2), ("email", None), ("queue", 3)]
    lines = [each["message"] for each in found]
    assert lines[0] == "access_control has no effect (DAG 'd'): there are no users and no teams here"
    assert lines[1].startswith("email has no effect (1 task of DAG 'd')")
    assert lines[2].startswith("queue has no effect (2 tasks of DAG 'd')")


def test_the_summary_counts_airflows_files_alone() -> None:
    theirs = [
        report(dialect="Airflow 2"),
        report(dialect="Airflow 3", ignored=["queue"]),
        report(dialect="Airflow 2", error="a.py:1: AirflowImportError: x"),
        report(dialect="Airflow 2", cannot=[{}]),
    ]
    lines = list(summary_words([report(), report(error="b.py:1: ValueError"), *theirs], CoreSettings()))
    assert lines[0] == "of Airflow's files 2 can run (1 with something ignored), 2 cannot"
    assert "paused" in lines[1] and "answered by tuiflow" in lines[2]
    unpaused = CoreSettings(dags_are_paused_at_creation="false", airflow_imports="installed")
    assert list(summary_words(theirs, unpaused))[1].startswith("`import airflow` is answered by the installed Airflow")
    assert list(summary_words([report()], CoreSettings())) == []


def test_the_summary_says_who_answers_for_providers() -> None:
    def last(core: CoreSettings) -> str:
        return list(summary_words([report(dialect="Airflow 2")], core, lambda: ["http 6.3.0"]))[-1]

    assert "(http 6.3.0) are answered by those packages" in last(CoreSettings())
    assert "answered by tuiflow" in last(CoreSettings(airflow_providers="tuiflow"))
    many = list(summary_words([report(dialect="Airflow 2")], CoreSettings(), lambda: [f"p{i}" for i in range(20)]))
    assert "p8, ...) are" in many[-1]
    assert not list(summary_words([report()], CoreSettings(), lambda: ["http 6.3.0"]))


SOURCE = """
from typing import TYPE_CHECKING
import airflow.www.security, airflow.utils.dates
from airflow.operators.bash import BashOperator, Nothing
from airflow.jobs import scheduler_job
from airflow.providers.nowhere.hooks import x
if TYPE_CHECKING:
    from airflow.www import a
try:
    from airflow.www import b
except ImportError:
    pass
def task():
    from airflow.api.client import Client
    from airflow.models import DagModel
"""


def test_what_cannot_be_imported_is_told_whole() -> None:
    tree = ast.parse(SOURCE)
    assert [(each["feature"], each["line"]) for each in missing(tree, True)["cannot"]] == [
        ("airflow.www.security", 3),
        ("airflow.operators.bash.Nothing", 4),
        ("airflow.jobs", 5),
        ("airflow.providers.nowhere.hooks", 6),
        ("airflow.api.client", 14),
    ]
    [deferred] = missing(tree, False)["cannot"]
    assert deferred["line"] == 14 and "tuiflow command line" in deferred["message"]


BRANCHES = """
try:
    from airflow.www import a
except ImportError:
    a = None
try:
    from airflow.www import b
except ImportError:
    from airflow.models import DAG as b
if old:
    from airflow.jobs import c
elif older:
    import airflow.api
else:
    from airflow.jobs import d
def task():
    if old:
        from airflow.www import e
    else:
        from airflow import DAG
    try:
        import airflow.cli.f
    finally:
        import airflow.cli.g
    from airflow.operators.mine import One
    from airflow.operators.other import Two
"""


def test_of_branches_one_that_can_be_imported_is_enough() -> None:
    found = missing(ast.parse(BRANCHES), False, {"mine"})
    assert [each["line"] for each in found["without"]] == [3, 11, 13, 15]
    assert all("below if or try" in each["message"] for each in found["without"])
    assert [each["line"] for each in found["cannot"]] == [22, 24, 26]
