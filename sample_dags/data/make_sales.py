"""Writes sales.csv beside this file: daily sales of an ice cream stand, invented but shaped by the real weather.

The seed is fixed, so running it again gives the same file byte for byte.
"""

from __future__ import annotations

import csv
import random
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
WEEKDAYS = (-20, -25, -15, -5, 15, 60, 45)
"""How many units Monday, Tuesday, ... sell above the average day."""


def main() -> None:
    noise = random.Random(2012)
    with (HERE / "seattle-weather.csv").open() as source, (HERE / "sales.csv").open("w", newline="") as target:
        rows = csv.writer(target, lineterminator="\n")
        rows.writerow(["date", "units"])
        for number, day in enumerate(csv.DictReader(source)):
            on = date.fromisoformat(day["date"].replace("/", "-"))
            rows.writerow([on, units_sold(number, on, day, noise)])


def units_sold(number: int, on: date, day: dict[str, str], noise: random.Random) -> int:
    trend = 80 + 0.03 * number
    weather = 6 * float(day["temp_max"]) - 3 * min(float(day["precipitation"]), 15)
    return max(0, round(trend + WEEKDAYS[on.weekday()] + weather + noise.gauss(0, 12)))


if __name__ == "__main__":
    main()
