"""What the first page says, at every width."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_flow.tui.views.welcome import AIRFLOW, Welcome, preview_rows, where

WELCOME = Welcome(Path("/home/ana/.tuiflow/dags"), cron_problem="there is no `crontab` program here; " * 4)


def texts(choice: str, width: int) -> list[str]:
    return ["".join(text for text, _ in row.pieces) for row in preview_rows(WELCOME, choice, width)]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("choice", ["know_airflow", "import_cron", "folder"])
def test_no_sentence_is_cut(choice: str, width: int) -> None:
    shown = texts(choice, width)
    assert shown and all(len(text) < width for text in shown)
    if choice == "know_airflow":
        assert " ".join(" ".join(shown).split()) == " ".join(AIRFLOW.split())


def test_what_does_not_fit_goes_on_in_its_column() -> None:
    shown = texts("know_airflow", 60)
    at = next(nth for nth, text in enumerate(shown) if "variables import F" in text)
    assert shown[at + 1].startswith(" " * shown[at].index("tuiflow")), shown[at : at + 2]


def test_the_folder_is_named_whole_where_it_can_be() -> None:
    assert where(WELCOME, 120).startswith(" No DAGs yet. tuiflow looks for Python files in /home")
    assert where(WELCOME, 60) == " No DAGs yet in /home/ana/.tuiflow/dags"
