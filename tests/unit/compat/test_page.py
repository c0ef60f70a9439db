"""The page about Airflow's files says what the tables say."""

from __future__ import annotations

from tests import airflow_page


def test_the_page_equals_the_tables() -> None:
    text = airflow_page.PAGE.read_text(encoding="utf-8")
    assert airflow_page.render() == text, "run `python -m tests.airflow_page --write`"
