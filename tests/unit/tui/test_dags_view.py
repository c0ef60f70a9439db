"""The list of DAGs: which run is shown of each, and what is said of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tui_flow.records import Dag, DagRun
from tui_flow.state import RunState, RunType, TaskState
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import pieces_width
from tui_flow.tui.views.dags import (
    COLUMNS,
    Attention,
    DagsModel,
    Trouble,
    attention,
    dag_row,
    matches,
    newest_or_running,
    preview,
    widths,
)
from tui_flow.tui.views.run_names import about_run, run_name

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
RUN = DagRun(7, "etl", "r7", RunType.MANUAL, RunState.RUNNING, AT, AT, AT, AT, AT, AT, None, "v", "s")
DAG = Dag("etl", "etl.py", False, False, "v", 1, "s", None, None, None)


def said(model: DagsModel) -> str:
    rows = [dag_row(model, "etl", Palette(), AT, True, 78), *preview(model, "etl", Palette(), AT, True, 9)]
    return "\n".join("".join(text for text, _ in row.pieces) for row in rows)


def test_a_running_run_is_shown_before_one_that_is_queued_behind_it() -> None:
    queued = replace(RUN, id=8, state=RunState.QUEUED)

    assert newest_or_running({"etl": queued}, [RUN, queued]) == {"etl": RUN}
    assert newest_or_running({"etl": queued}, [queued]) == {"etl": queued}
    ended = replace(queued, state=RunState.FAILED)
    assert newest_or_running({"etl": ended}, [RUN]) == {"etl": ended}


def test_a_run_that_only_waits_for_a_person_says_so_and_comes_first() -> None:
    counts = Counter({TaskState.AWAITING_INPUT: 1, TaskState.SUCCESS: 2})

    assert "? waits for you" in said(DagsModel({"etl": DAG}, {"etl": RUN}, counts={7: counts}))
    assert attention(DAG, RUN, counts) is Attention.ASKING < attention(DAG, RUN, Counter({TaskState.RUNNING: 1}))


def test_what_a_run_waits_for_stands_below_the_list() -> None:
    trouble = Trouble(RUN, waits=("load: pool 'db' is full",))

    assert "⇠ load: pool 'db' is full" in said(DagsModel({"etl": DAG}, {"etl": RUN}, trouble=trouble))


@pytest.mark.parametrize(
    ("schedule", "by_assets", "text"),
    [
        ("None", (), "runs by hand"),
        ("orders & items", ("etl",), "runs when orders & items is updated"),
        ("0 2 * * *", (), "no run is to come (schedule daily 02:00)"),
    ],
)
def test_what_makes_a_dag_without_dates_run(schedule: str, by_assets: tuple[str, ...], text: str) -> None:
    assert text in said(DagsModel({"etl": replace(DAG, schedule=schedule)}, {}, by_assets=by_assets))


def test_the_filter_finds_a_schedule_as_it_is_written_and_as_it_is_shown() -> None:
    dag = replace(DAG, schedule="0 2 * * *")
    assert matches(dag, None, ["daily"]) and matches(dag, None, ["0"]) and not matches(dag, None, ["weekly"])


def test_a_run_is_called_by_its_kind_and_time() -> None:
    assert run_name("asset_triggered__2026-11-20T01:00:00.123456+00:00", True) == "asset triggered 2026-11-20 01:00"
    for other in ("mine", "manual__soon", "manual__2026-11-20T01:00:00", "other__2026-11-20T01:00:00+00:00"):
        assert run_name(other, True) == other
    assert about_run("r7", "run r7 is queued: it waits") == "queued: it waits"


def test_the_room_of_hidden_columns_goes_to_the_name() -> None:
    for width in (58, 78, 118, 198):
        whole = widths(width)
        for hidden in ((), ("next",), COLUMNS):
            less = widths(width, hidden)
            assert all(not getattr(less, name) for name in hidden)
            row = dag_row(DagsModel({"etl": DAG}, {"etl": RUN}), "etl", Palette(), AT, True, width, hidden)
            same = dag_row(DagsModel({"etl": DAG}, {"etl": RUN}), "etl", Palette(), AT, True, width)
            assert pieces_width(row.pieces) == pieces_width(same.pieces) and less.dag >= whole.dag
