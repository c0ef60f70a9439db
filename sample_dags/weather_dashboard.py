"""
### Weather dashboard

Fetches an hourly forecast in Fahrenheit, cleans it, converts it to Celsius, and publishes a page for the days ahead.

By default the forecast is *packaged*: Seattle's hourly temperatures of the same dates in 2010. With `-p source=live`
it comes from open-meteo.com. The chance of rain is the share of wet days around the same date in Seattle's records of
2012 to 2015.
"""

from __future__ import annotations

import csv
import json
import os
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode
from urllib.request import urlopen

from tui_flow import Param, dag, task

DATA = Path(__file__).parent / "data"
RESULTS = Path(os.environ.get("TUIFLOW_HOME") or "~/.tuiflow").expanduser() / "results" / "weather_dashboard"
SEATTLE = {"latitude": 47.61, "longitude": -122.33}
COLDEST_F, HOTTEST_F = -60, 135
WET_MM = 0.5
Day = TypeVar("Day", date, datetime)


@task(retries=2, retry_delay=timedelta(seconds=10))
def fetch_forecast(params=None, ds=None) -> list[dict]:
    """One reading an hour, such as `{"time": "2025-03-14T02:00", "fahrenheit": 41.5}`; None where none is known."""
    if params["source"] == "live":
        return live_forecast(params["days"])
    return packaged_forecast(date.fromisoformat(ds), params["days"])


def packaged_forecast(start: date, days: int) -> list[dict]:
    with (DATA / "seattle-temps.csv").open() as file:
        of_2010 = {row["date"]: float(row["temp"]) for row in csv.DictReader(file)}
    hours = [datetime.combine(start, time()) + timedelta(hours=number) for number in range(24 * days)]
    return [
        {"time": f"{hour:%Y-%m-%dT%H:%M}", "fahrenheit": of_2010.get(f"{in_year(hour, 2010):%Y/%m/%d %H:%M}")}
        for hour in hours
    ]


def live_forecast(days: int) -> list[dict]:
    query = {
        **SEATTLE,
        "forecast_days": days,
        "hourly": "temperature_2m",
        "temperature_unit": "fahrenheit",
        "timezone": "auto",
    }
    with urlopen(f"https://api.open-meteo.com/v1/forecast?{urlencode(query)}", timeout=20) as answer:
        hourly = json.load(answer)["hourly"]
    pairs = zip(hourly["time"], hourly["temperature_2m"], strict=True)
    return [{"time": hour, "fahrenheit": degrees} for hour, degrees in pairs]


def in_year(day: Day, year: int) -> Day:
    """The same date in another year; 28 February stands in for the 29th."""
    return day.replace(year=year, day=28 if (day.month, day.day) == (2, 29) else day.day)


@task
def clean(readings: list[dict]) -> list[dict]:
    """Drops what cannot be a temperature; fills each gap with the mean of its nearest neighbours in time."""
    values = [reading["fahrenheit"] for reading in readings]
    good = [i for i, value in enumerate(values) if value is not None and COLDEST_F < value < HOTTEST_F]
    if not good:
        raise ValueError("the forecast holds no plausible temperature")
    print(f"{len(values)} hours, {len(values) - len(good)} of them filled in")
    filled = []
    for i, reading in enumerate(readings):
        before = max((g for g in good if g <= i), default=good[0])
        after = min((g for g in good if g >= i), default=good[-1])
        filled.append({"time": reading["time"], "fahrenheit": (values[before] + values[after]) / 2})
    return filled


@task
def to_celsius(readings: list[dict]) -> list[dict]:
    return [{"time": r["time"], "celsius": round((r["fahrenheit"] - 32) * 5 / 9, 1)} for r in readings]


@task
def chance_of_rain(params=None, ds=None) -> list[int]:
    """Percent for each day ahead: the share of wet days in the two weeks around that date, in each year on record."""
    with (DATA / "seattle-weather.csv").open() as file:
        rain = {row["date"]: float(row["precipitation"]) for row in csv.DictReader(file)}
    chances = []
    for ahead in range(params["days"]):
        day = date.fromisoformat(ds) + timedelta(days=ahead)
        middles = [in_year(day, year) for year in range(2012, 2016)]
        around = [f"{middle + timedelta(days=shift):%Y/%m/%d}" for middle in middles for shift in range(-7, 8)]
        known = [rain[key] for key in around if key in rain]
        chances.append(round(100 * sum(mm >= WET_MM for mm in known) / len(known)))
    return chances


@task
def summarise(readings: list[dict], rain: list[int]) -> list[dict]:
    """One entry a day: its date, low, high, mean, hourly values and chance of rain."""
    days: dict[str, list[float]] = {}
    for reading in readings:
        days.setdefault(reading["time"][:10], []).append(reading["celsius"])
    return [
        {
            "date": day,
            "low": min(celsius),
            "high": max(celsius),
            "mean": round(sum(celsius) / len(celsius), 1),
            "hourly": celsius,
            "rain": chance,
        }
        for (day, celsius), chance in zip(days.items(), rain, strict=True)
    ]


@task(templates_dict={"page": "templates/weather_dashboard.html"}, templates_exts=[".html"])
def publish(days: list[dict], params=None, templates_dict=None) -> str:
    """Writes the page, which the engine has rendered from its template, and returns where it is."""
    page = Path(params["results"]) / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    draft = page.with_suffix(".draft")
    draft.write_text(templates_dict["page"], encoding="utf-8")
    draft.replace(page)
    print(f"{len(days)} days published: {page}")
    return str(page)


@dag(
    schedule="0 6 * * *",
    start_date=datetime(2025, 1, 1),
    tags=["sample", "weather"],
    doc_md=__doc__,
    params={
        "source": Param("packaged", enum=["packaged", "live"], description="live asks open-meteo.com"),
        "days": Param(7, type="integer", minimum=1, maximum=16, description="How many days ahead"),
        "results": Param(str(RESULTS), type="string", minLength=1, description="Folder for the page"),
    },
)
def weather_dashboard():
    readings = clean(fetch_forecast())
    publish(summarise(to_celsius(readings), chance_of_rain()))


weather_dashboard()
