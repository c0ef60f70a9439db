"""The health of the installation in rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tui_flow.records import ImportErrorRow
from tui_flow.store.lock import Holder
from tui_flow.tui.holds import pace_of
from tui_flow.tui.palette import Palette
from tui_flow.tui.views.system import Disk, Folder, SystemModel, system_rows

AT = datetime(2026, 11, 20, 14, tzinfo=UTC)
SINCE = AT - timedelta(days=12, hours=1)
NO_MODULE = "ModuleNotFoundError: No module named 'bs4'"
MESSAGE = f"bad.py:3: {NO_MODULE}; install it for /\x1b[2J/python\n\nTraceback\n{NO_MODULE}"
MODEL = SystemModel(
    "/home/ana/.tuiflow",
    Holder(812, "scheduler", SINCE),
    200 << 20,
    1 << 20,
    "tuiflow.toml",
    "/srv/dags",
    True,
    Disk(9 << 30, 100 << 30),
    logs=Folder(6 << 30, 99, False),
    kept="kept 30 days",
)


def lines_of(model: SystemModel) -> list[str]:
    return ["".join(text for text, _ in row.pieces) for row in system_rows(model, Palette(), AT, True)]


def line(model: SystemModel, name: str) -> str:
    return next(line for line in lines_of(model) if name in line)


def test_health_says_since_when_and_what_to_do_about_a_full_disk() -> None:
    assert line(MODEL, "scheduler").endswith("pid 812 · up 12d 01h, since 2026-11-08 13:00:00")
    assert line(replace(MODEL, scheduler=None), "scheduler").endswith("not running: S starts it")
    assert line(MODEL, "disk") == "  ! disk        91% full, 9.0 GiB free · D cleans up what is old"
    assert line(replace(MODEL, disk=Disk(50, 100)), "disk") == "  ✓ disk        50% full, 50 B free"
    assert line(MODEL, "logs").endswith("more than 6.0 GiB in 99 files, kept 30 days · D cleans up")


def test_health_says_how_fast_the_scheduler_goes_and_who_keeps_it() -> None:
    told = replace(
        MODEL, pace=pace_of({"pace": {"round_ms": 0.84, "write_ms": 3.21, "late_s": 0.04}, "is_service": True})
    )
    assert line(told, "pace") == "  ✓ pace        a round 0.8 ms · a write at most 3.2 ms · last run 0.0 s late"
    assert line(told, "scheduler").endswith("2026-11-08 13:00:00 · kept by systemd")
    for answer in (None, {}, {"pace": {"round_ms": None, "write_ms": None, "late_s": None}}, {"pace": "x"}):
        assert not any("pace" in text for text in lines_of(replace(MODEL, pace=pace_of(answer))))
    assert not any("pace" in text for text in lines_of(replace(told, scheduler=None)))


def test_a_module_that_is_missing_is_told_with_where_to_install_it() -> None:
    broken = replace(MODEL, errors=[(ImportErrorRow("bad.py", MESSAGE, 3, AT), ())])
    shown = lines_of(broken)
    assert "ModuleNotFoundError: No module named 'bs4'  since" in line(broken, "bad.py")
    assert "       install it for /␛[2J/python" in shown
    other = replace(MODEL, errors=[(ImportErrorRow("bad.py", "ValueError: x", 3, AT), ())])
    assert len(lines_of(other)) == len(shown) - 1


def test_a_pool_that_tasks_wait_for_and_that_does_not_exist_is_told() -> None:
    shown = line(replace(MODEL, missing_pools={"db[/]": 1}), "does not exist")
    assert shown == "  ! pools       db[/] does not exist, 1 task waits for it · enter, then A makes it"
    assert "2 tasks wait for it" in line(replace(MODEL, missing_pools={"db": 2}), "does not exist")
