"""Where Airflow's plugins folder is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_flow.loader.plugins import SETTING, plugins_below, plugins_folder

DAGS = Path("/srv/airflow/dags")


def test_it_lies_beside_the_dags_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    assert (plugins_below(DAGS), plugins_folder(DAGS)) == ("../plugins", Path("/srv/airflow/plugins"))


@pytest.mark.parametrize(
    ("named", "below"), [("/srv/plugins", "../../plugins"), ("/srv/airflow/dags/plugins", "plugins")]
)
def test_airflows_setting_names_another(monkeypatch: pytest.MonkeyPatch, named: str, below: str) -> None:
    monkeypatch.setenv(SETTING, named)
    assert (plugins_below(DAGS), plugins_folder(DAGS)) == (below, Path(named))
