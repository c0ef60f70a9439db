"""Where Airflow's folders beside the DAGs folder are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_flow.loader.plugins import SETTING, folders_beside, paths_beside

DAGS = Path("/srv/airflow/dags")


def test_they_lie_beside_the_dags_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    monkeypatch.delenv("AIRFLOW_HOME", raising=False)
    assert folders_beside(DAGS) == ("../config", "../plugins")
    assert paths_beside(DAGS) == (Path("/srv/airflow/config"), Path("/srv/airflow/plugins"))
    monkeypatch.setenv("AIRFLOW_HOME", "/etc/airflow")
    assert paths_beside(DAGS) == (Path("/etc/airflow/config"), Path("/srv/airflow/plugins"))


@pytest.mark.parametrize(
    ("named", "below"), [("/srv/plugins", "../../plugins"), ("/srv/airflow/dags/plugins", "plugins")]
)
def test_airflows_setting_names_another(monkeypatch: pytest.MonkeyPatch, named: str, below: str) -> None:
    monkeypatch.setenv(SETTING, named)
    assert (folders_beside(DAGS)[-1], paths_beside(DAGS)[-1]) == (below, Path(named))
