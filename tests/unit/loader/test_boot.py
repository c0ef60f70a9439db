from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tui_flow.loader.boot import after_boot, booted_at
from tui_flow.records import PlannedRun
from tui_flow.timetables import timetable_of

BOOT = datetime(2026, 3, 4, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_each_start_of_the_machine_makes_one_run() -> None:
    run = PlannedRun(BOOT, BOOT, BOOT)
    assert after_boot(BOOT, None) == (run,)
    assert after_boot(BOOT, (BOOT - 60 * MINUTE,) * 2) == (run,)
    assert after_boot(BOOT, (BOOT, BOOT)) == ()
    assert after_boot(BOOT, (BOOT - MINUTE,) * 2) == ()  # the clock was set since


def test_the_machine_was_started_before_now() -> None:
    assert booted_at() < datetime.now(UTC)


def test_it_is_a_schedule_in_every_dialect() -> None:
    for dialect in ("tui_flow", "airflow2", "airflow3"):
        timetable = timetable_of("@after_boot", timezone="UTC", dialect=dialect)
        assert (timetable.summary, timetable.description) == ("@after_boot", "once after each start of the machine")
