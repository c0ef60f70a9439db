"""
### Demand forecast

Reads the sales of an ice cream stand (generated) and Seattle's weather (real) side by side, joins them by date, trains
a model, tests it on the days that follow, and deploys it only if it beats the model that was deployed last.

Try `-p until=2013-06-30`, then `-p until=2014-06-30`: more data, a better model, a new deployment. The same date twice
keeps what is deployed.
"""

from __future__ import annotations

import csv
import json
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import fmean, linear_regression

from tui_flow import DAG, Param, TaskGroup, task
from tui_flow.operators.bash import BashOperator

DATA = Path(__file__).parent / "data"
RESULTS = Path(os.environ.get("TUIFLOW_HOME") or "~/.tuiflow").expanduser() / "results" / "demand_forecast"
Row = dict[str, float | str]


@task
def read_sales() -> list[Row]:
    with (DATA / "sales.csv").open() as file:
        return [{"date": row["date"], "units": int(row["units"])} for row in csv.DictReader(file)]


@task
def read_weather() -> list[Row]:
    with (DATA / "seattle-weather.csv").open() as file:
        return [
            {
                "date": row["date"].replace("/", "-"),
                "high": float(row["temp_max"]),
                "rain": float(row["precipitation"]),
            }
            for row in csv.DictReader(file)
        ]


@task
def join(sales: list[Row], weather: list[Row]) -> list[Row]:
    """One row for each date that both sides know, oldest first."""
    weather_of = {row["date"]: row for row in weather}
    rows = [{**row, **weather_of[row["date"]]} for row in sales if row["date"] in weather_of]
    print(f"{len(rows)} of {len(sales)} days have both sales and weather")
    return sorted(rows, key=lambda row: row["date"])


@task
def train(rows: list[Row], params=None) -> dict:
    known = [row for row in rows if row["date"] <= params["until"]]
    if len(known) < 60:
        raise ValueError(f"only {len(known)} days up to {params['until']}: 60 are needed; choose a later `until`")
    return fit(known)


def fit(rows: list[Row]) -> dict:
    """Each effect is a line fitted to what the others leave unexplained, over and over until they agree."""
    rest = [float(row["units"]) for row in rows]
    lines = dict.fromkeys(("high", "rain", "day"), (0.0, 0.0))
    for name in list(lines) * 10:
        values, (slope, intercept) = [feature(row, name) for row in rows], lines[name]
        unexplained = [left + slope * value + intercept for left, value in zip(rest, values, strict=True)]
        slope, intercept = linear_regression(values, unexplained)
        lines[name] = (slope, intercept)
        rest = [left - slope * value - intercept for left, value in zip(unexplained, values, strict=True)]
    of_weekday = [fmean(left for row, left in zip(rows, rest, strict=True) if weekday(row) == n) for n in range(7)]
    return {"trained_until": rows[-1]["date"], "lines": lines, "weekday": of_weekday}


def predict(model: dict, row: Row) -> float:
    lines = sum(slope * feature(row, name) + intercept for name, (slope, intercept) in model["lines"].items())
    return lines + model["weekday"][weekday(row)]


def feature(row: Row, name: str) -> float:
    return float(date.fromisoformat(row["date"]).toordinal()) if name == "day" else row[name]


def weekday(row: Row) -> int:
    return date.fromisoformat(row["date"]).weekday()


@task
def evaluate(model: dict, rows: list[Row], params=None) -> dict[str, float | None]:
    """Mean error in units a day: of the new model, of the deployed one, and of "the same as a week ago"."""
    first = next((i for i, row in enumerate(rows) if row["date"] > params["until"]), len(rows))
    test = rows[first : first + params["test_days"]]
    if not test:
        raise ValueError(f"no day after {params['until']} is left to test on; choose an earlier `until`")
    week_before = rows[first - 7 : first - 7 + len(test)]
    deployed = Path(params["results"]) / "model.json"
    errors = {
        "new": mean_error(model, test),
        "deployed": mean_error(json.loads(deployed.read_text()), test) if deployed.exists() else None,
        "a week ago": round(fmean(abs(a["units"] - b["units"]) for a, b in zip(test, week_before, strict=True)), 2),
    }
    print(f"mean error over {len(test)} days: {errors}")
    return errors


def mean_error(model: dict, rows: list[Row]) -> float:
    return round(fmean(abs(predict(model, row) - row["units"]) for row in rows), 2)


@task.branch
def choose(errors: dict[str, float | None]) -> str:
    is_better = errors["deployed"] is None or errors["new"] < errors["deployed"]
    return "deploy" if is_better and errors["new"] < errors["a week ago"] else "keep"


@task
def deploy(model: dict, params=None) -> None:
    """Replaces the deployed model in one step: a reader sees the old or the new one, never a part."""
    target = Path(params["results"]) / "model.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    draft.write_text(json.dumps(model, indent=1))
    draft.replace(target)


@task(trigger_rule="none_failed_min_one_success")
def report(rows: list[Row], errors: dict[str, float | None], params=None) -> str:
    """Writes what the deployed model expects of each day after `until`, beside what was sold."""
    folder = Path(params["results"])
    model = json.loads((folder / "model.json").read_text())
    ahead = [row for row in rows if row["date"] > params["until"]][: params["test_days"]]
    with (folder / "forecast.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["date", "forecast", "sold"])
        lines.writerows([row["date"], round(predict(model, row)), row["units"]] for row in ahead)
    print(f"deployed: the model trained until {model['trained_until']}; errors {errors}; forecast: {file.name}")
    return file.name


with DAG(
    "demand_forecast",
    schedule="@weekly",
    start_date=datetime(2025, 1, 1),
    tags=["sample", "model"],
    doc_md=__doc__,
    max_active_runs=1,  # two runs at once would compare with a model that the other one replaces
    params={
        "until": Param("2015-09-30", type="string", format="date", description="Train on the days up to this one"),
        "test_days": Param(90, type="integer", minimum=7, maximum=365),
        "results": Param(str(RESULTS), type="string", minLength=1, description="Folder for model and forecast"),
    },
    default_args={"retries": 1, "retry_delay": timedelta(seconds=30)},
):
    with TaskGroup("extract", tooltip="Both at the same time"):
        sales, weather = read_sales(), read_weather()

    rows = join(sales, weather)
    model = train(rows)
    errors = evaluate(model, rows)
    keep = BashOperator(task_id="keep", bash_command="echo 'The deployed model stays: the new one is not better.'")
    choose(errors) >> [deployed := deploy(model), keep]
    [deployed, keep] >> report(rows, errors)
