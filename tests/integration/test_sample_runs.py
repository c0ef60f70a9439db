"""Every sample DAG, run for real by `tuiflow run` in one home of its own, without network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = {path.stem for path in (ROOT / "sample_dags").glob("*.py")}
MADE_BY = {
    "weather_dashboard": "index.html",
    "demand_forecast": "forecast.csv",
    "folder_backup": "backup-*.tar.gz",
    "system_report": "report.txt",
    "git_digest": "digest.md",
    "tour": "report.txt",
}
Run = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("samples") / "home"


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Run:
    """Runs a sample and gives the state of each of its tasks."""

    def tuiflow(*words: str) -> str:
        environment = os.environ | {"TUIFLOW_HOME": str(home), "HOME": str(tmp_path)}
        command = [sys.executable, "-m", "tui_flow", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run_sample(dag_id: str, **params: object) -> dict[str, str]:
        given = [word for name, value in params.items() for word in ("-p", f"{name}={value}")]
        tuiflow("run", dag_id, "--file", f"sample_dags/{dag_id}.py", *given)
        newest = json.loads(tuiflow("runs", "list", dag_id, "--json"))[0]
        shown = json.loads(tuiflow("runs", "show", dag_id, newest["run_id"], "--json"))
        return {task["task_id"]: task["state"] for task in shown["tasks"]}

    return run_sample


@pytest.mark.parametrize("dag_id", sorted(SAMPLES))
def test_it_passes_and_leaves_its_results(run: Run, home: Path, dag_id: str) -> None:
    states = run(dag_id)
    assert set(states.values()) <= {"success", "skipped"}
    made = list((home / "results" / dag_id).glob(MADE_BY[dag_id]))
    assert len(made) == 1 and made[0].stat().st_size > 0


def test_the_page_is_rendered(run: Run, home: Path) -> None:
    run("weather_dashboard", days=3)
    page = (home / "results" / "weather_dashboard" / "index.html").read_text()
    assert page.count("<polyline") == 3 and "{{" not in page and "°C" in page


def test_the_same_data_keeps_the_deployed_model(run: Run) -> None:
    run("demand_forecast")
    states = run("demand_forecast")
    assert (states["deploy"], states["keep"], states["report"]) == ("skipped", "success", "success")


def test_an_unchanged_folder_is_skipped(run: Run) -> None:
    run("folder_backup")
    states = run("folder_backup")
    assert states["has_changed"] == "success" and states["rotate"] == "skipped"


def test_a_full_disk_is_warned_of(run: Run) -> None:
    assert run("system_report", warn_at=1)["warn"] == "success"


def test_the_tour_repairs_what_keeps_failing(run: Run) -> None:
    states = run("tour", failures=5, edition="weekend")
    assert states["network.call"] == "failed"
    assert {states["repair"], states["report"], states["extra"]} == {"success"}
