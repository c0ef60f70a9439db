"""What every test gets: a home of its own, so that none can touch the user's."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("tuiflow", deadline=None)  # no test asserts a time
settings.load_profile("tuiflow")
_TESTS = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("oracle", "tests/oracle: other answers of Airflow's than those in tests/data")
    group.addoption("--oracle-cases", metavar="FILE", help="cases, in the form of tests/data/oracle_cases.json")
    group.addoption("--oracle-dags", metavar="FILE", help="the DAG file that the dag_run cases run")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of real processes gets a second try, which the summary names: on a busy machine one may wait too long."""
    for item in items:
        if item.path.relative_to(_TESTS).parts[0] in ("integration", "oracle", "tui"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(autouse=True)
def _no_real_home(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Keeps tests off `~/.tuiflow`: with `tmp_path` they get a fresh folder, without it a path that cannot exist."""
    if "tmp_path" in request.fixturenames:
        home = request.getfixturevalue("tmp_path") / "home"
    else:
        home = Path("/nonexistent/tuiflow-test-home")
    monkeypatch.setenv("TUIFLOW_HOME", str(home))
    monkeypatch.setenv("TUIFLOW_SECRETS_KEY_FILE", str(home.with_name("key")))
