"""Whose defaults a file means."""

from __future__ import annotations

import pytest

from tui_flow.loader.dialect import dialect_of


@pytest.mark.parametrize(
    ("source", "dialect", "reason"),
    [
        ("from tui_flow import DAG", "tui_flow", "tui_flow"),
        ("import tui_flow.operators.bash", "tui_flow", "tui_flow.operators.bash"),
        ("from airflow.sdk import dag, task", "airflow3", "airflow.sdk"),
        ("from airflow import sdk", "airflow3", "airflow.sdk"),
        ("from airflow import DAG\nfrom airflow.sdk import task", "airflow3", "airflow.sdk"),
        ("from airflow import DAG", "airflow2", "airflow"),
        ("def f():\n    from airflow.models import Variable", "airflow2", "airflow.models"),
        ("from airflow import DAG\nfrom tui_flow import task", "tui_flow", "tui_flow"),
        ("import airflow_extras", "tui_flow", "neither"),
        ("from .airflow import x", "tui_flow", "neither"),
        ("not python (", "tui_flow", "neither"),
        ("# tuiflow: dialect = airflow2\nfrom airflow.sdk import DAG", "airflow2", "comment"),
        ("x = '# tuiflow: dialect=airflow2'\nfrom airflow.sdk import DAG", "airflow3", "airflow.sdk"),
    ],
)
def test_dialects(source: str, dialect: str, reason: str) -> None:
    found, words = dialect_of([source.encode()])
    assert found == dialect and reason in words


def test_the_modules_it_imports_decide_where_the_file_itself_does_not() -> None:
    assert dialect_of([b"from factory import make", b"x = 1", b"from airflow import DAG"])[0] == "airflow2"
