"""The sample DAGs' own functions on their real data; that whole runs pass is tested with the engine."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "sample_dags"


def sample(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"sample_{name}", SAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call(decorated: Any, *args: Any, **context: Any) -> Any:
    """Runs the function below `@task`."""
    return decorated.function(*args, **context)


@pytest.mark.parametrize("start", ["2024-02-28", "2025-12-29", "2026-03-13"])
def test_forecast_has_every_hour_and_plausible_celsius(start: str) -> None:
    weather = sample("weather_dashboard")
    params = {"source": "packaged", "days": 7}
    readings = call(weather.fetch_forecast, params=params, ds=start)
    celsius = call(weather.to_celsius, call(weather.clean, readings))
    days = call(weather.summarise, celsius, call(weather.chance_of_rain, params=params, ds=start))
    assert len(days) == 7 and days[0]["date"] == start
    assert all(len(day["hourly"]) == 24 and 0 <= day["rain"] <= 100 for day in days)
    assert all(-5 < day["low"] <= day["mean"] <= day["high"] < 30 for day in days)


def test_missing_and_impossible_hours_are_filled_in() -> None:
    weather = sample("weather_dashboard")
    readings = [{"time": f"0{i}", "fahrenheit": value} for i, value in enumerate([41.0, None, 999.0, 50.0, None])]
    celsius = call(weather.to_celsius, call(weather.clean, readings))
    assert celsius == [{"time": f"0{i}", "celsius": value} for i, value in enumerate([5.0, 7.5, 7.5, 10.0, 10.0])]


def test_a_forecast_without_any_value_is_refused() -> None:
    with pytest.raises(ValueError, match="no plausible temperature"):
        call(sample("weather_dashboard").clean, [{"time": "00", "fahrenheit": None}])


def test_a_better_model_is_deployed_and_the_same_one_is_not(tmp_path: Path) -> None:
    forecast = sample("demand_forecast")
    rows = call(forecast.join, call(forecast.read_sales), call(forecast.read_weather))
    assert len(rows) == 1461

    def choice(until: str) -> str:
        params = {"until": until, "test_days": 90, "results": str(tmp_path)}
        model = json.loads(json.dumps(call(forecast.train, rows, params=params)))
        chosen = call(forecast.choose, call(forecast.evaluate, model, rows, params=params))
        if chosen == "deploy":
            call(forecast.deploy, model, params=params)
        return str(chosen)

    assert [choice("2013-06-30"), choice("2013-06-30"), choice("2014-06-30")] == ["deploy", "keep", "deploy"]
    assert json.loads((tmp_path / "model.json").read_text())["trained_until"] == "2014-06-30"


def test_an_unchanged_folder_is_not_backed_up_again(tmp_path: Path) -> None:
    backup = sample("folder_backup")
    source, results = tmp_path / "source", tmp_path / "results"
    source.mkdir()
    (source / "a").write_text("one")
    params = {"folder": str(source), "results": str(results), "keep": 2, "force": False}
    assert call(backup.has_changed, params=params) is True
    for number in range(3):
        (results / f"backup-{number}.tar.gz").touch()
    assert call(backup.rotate, params=params) == ["backup-1.tar.gz", "backup-2.tar.gz"]
    assert call(backup.has_changed, params=params) is False
    (source / "a").write_text("two!")
    assert call(backup.has_changed, params=params) is True


def test_a_backup_into_its_own_folder_is_refused(tmp_path: Path) -> None:
    params = {"folder": str(tmp_path), "results": str(tmp_path / "results"), "keep": 1, "force": False}
    with pytest.raises(ValueError, match="lies inside"):
        call(sample("folder_backup").has_changed, params=params)


def test_git_digest_counts_commits(tmp_path: Path) -> None:
    digest = sample("git_digest")
    params = {"repository": digest.make_repository(tmp_path / "repo"), "days": 2, "results": str(tmp_path)}
    commits = call(digest.read_commits, call(digest.choose_repository, params=params), params=params)
    assert [commit["author"] for commit in commits] == ["Ada", "Grace", "Ada"]
    assert commits[0]["files"] == ["part1.txt"]
    assert dict(call(digest.by_author, commits)) == {"Ada": 2, "Grace": 1}


def test_system_report_reads_this_machine(tmp_path: Path) -> None:
    report = sample("system_report")
    memory, load = call(report.memory), call(report.load)
    disks = report.rows_of("93,/;20,/mnt/a,b")
    params = {"folder": "/srv", "results": str(tmp_path), "warn_at": 90}
    text = Path(call(report.write_report, disks, [["5", "/srv/a"]], memory, load, params=params, ts="now")).read_text()
    assert f"{memory['free']} of {memory['total']} MiB" in text and "20 %   /mnt/a,b" in text
    assert call(report.is_nearly_full, disks, params=params) is True


def test_generated_sales_equal_their_generator(tmp_path: Path) -> None:
    for name in ("make_sales.py", "seattle-weather.csv"):
        (tmp_path / name).write_bytes((SAMPLES / "data" / name).read_bytes())
    subprocess.run([sys.executable, tmp_path / "make_sales.py"], check=True)
    assert (tmp_path / "sales.csv").read_bytes() == (SAMPLES / "data" / "sales.csv").read_bytes()
