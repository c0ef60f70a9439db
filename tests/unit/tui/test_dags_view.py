"""The list of DAGs: which run is shown of each, and what is said of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tui_flow.records import Dag, DagRun, ImportErrorRow, TaskInstance
from tui_flow.state import RunState, RunType, TaskState
from tui_flow.tui.palette import Palette
from tui_flow.tui.text import pieces_width
from tui_flow.tui.views.dag_preview import preview
from tui_flow.tui.views.dags import (
    COLUMNS,
    Attention,
    BrokenFile,
    DagsModel,
    Trouble,
    attention,
    dag_row,
    matches,
    newest_or_running,
    ordered,
    row_of,
    widths,
)
from tui_flow.tui.views.dags_unseen import list_facts, unseen, urgent
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


@pytest.mark.parametrize(
    ("states", "text"),
    [
        ({TaskState.RUNNING: 1, TaskState.DEFERRED: 1}, "» 12:00  7m  0/2"),
        ({TaskState.DEFERRED: 1, TaskState.SUCCESS: 1}, "~ 12:00  7m  1/2"),
        ({TaskState.SCHEDULED: 1, TaskState.NONE: 1}, "◌ 12:00  7m  0/2"),
        ({TaskState.UP_FOR_RETRY: 1, TaskState.SUCCESS: 1}, "↻ try 2/3 in 4m"),
    ],
)
def test_a_row_says_whether_its_run_runs_or_what_it_waits_for(states: dict[TaskState, int], text: str) -> None:
    again = TaskInstance(7, "a", -1, TaskState.UP_FOR_RETRY, 1, 2, due_at=AT + timedelta(minutes=11))
    model = DagsModel({"etl": DAG}, {"etl": RUN}, counts={7: Counter(states)}, retries={7: again})
    row = dag_row(model, "etl", Palette(), AT + timedelta(minutes=7), True, 78)
    said_of = "".join(part for part, _ in row.pieces)
    assert text in said_of and said_of.startswith(text[0])


def test_a_file_without_dags_has_a_row_that_says_what_is_wrong() -> None:
    error = ImportErrorRow("new\x1b]0;x.py", "new.py:2: No module named 'x'\n\nTraceback\n  a\n  b\nlast", 2, AT)
    model = DagsModel({"etl": DAG}, {}, broken={error.file: error})
    key = BrokenFile(error.file)
    assert ordered(model, "needs attention") == [key, "etl"] and ordered(model, "name") == ["etl", key]
    rows = [row_of(model, key, Palette(), AT, True, 78), *preview(model, key, Palette(), AT, True, 5)]
    lines = ["".join(text for text, _ in row.pieces) for row in rows]
    assert "import error" in lines[0] and "never loaded" in lines[0] and "\x1b" not in "".join(lines)
    assert "line 2" in lines[1] and "No module named" in lines[2] and lines[4].strip() == "last"


def test_what_else_failed_stands_below_where_there_is_room() -> None:
    failed = replace(RUN, state=RunState.FAILED)
    other = replace(failed, id=8, dag_id="other")
    ti = TaskInstance(8, "load", -1, TaskState.FAILED, 1, 0, reason="disk full")
    dags = {"etl": DAG, "other": replace(DAG, dag_id="other")}
    model = DagsModel(dags, {"etl": failed, "other": other}, failures=(Trouble(failed), Trouble(other, ti)))

    def told(height: int) -> str:
        rows = preview(model, "etl", Palette(), AT, True, height)
        return "\n".join("".join(text for text, _ in row.pieces) for row in rows)

    assert told(12).endswith("✗ other  load: disk full") and "disk full" not in told(6)


def test_the_task_that_failed_again_and_again_is_named() -> None:
    failed = replace(RUN, state=RunState.FAILED)
    ti = TaskInstance(7, "load", -1, TaskState.FAILED, 1, 0)
    model = DagsModel(
        {"etl": DAG}, {"etl": failed}, {"etl": [failed] * 4}, trouble=Trouble(failed, ti, more=2, often=3)
    )
    assert "4 of the last 4 runs failed, 3 of them at load." in said(model) and "2 more failed" in said(model)


def test_a_run_that_is_due_and_not_made_is_late() -> None:
    due = replace(DAG, next_run_after=AT - timedelta(hours=3, minutes=5))
    text = said(DagsModel({"etl": due}, {}))
    assert "late 3h" in text and "next: due since 2026-11-20 08:55" in text
    soon = replace(DAG, next_run_after=AT + timedelta(hours=3, minutes=5))
    assert "late" not in said(DagsModel({"etl": soon}, {}))


def test_what_needs_a_person_is_told_of_rows_that_are_not_seen() -> None:
    failed, asking = replace(RUN, id=8, state=RunState.FAILED), Counter({TaskState.AWAITING_INPUT: 1})
    dags = {name: replace(DAG, dag_id=name) for name in ("ask", "bad", "b[/]", "ok")}
    newest = {"ask": RUN, "bad": failed, "b[/]": failed}
    broken = {"x.py": ImportErrorRow("x.py", "oops", 1, AT)}
    model = DagsModel(dags, newest, counts={RUN.id: asking}, broken=broken)
    found = urgent(model, ["ok", *model.keys[:-2], BrokenFile("x.py")])
    assert unseen(found, range(5), 5) == ""
    assert unseen(found, range(1), 5) == "4 below, 2 failed: bad …, 1 broken: x.py, 1 waiting for you: ask"
    assert unseen(found, range(2, 3), 5) == "2 above, 1 waiting for you: ask · 2 below, 1 failed: b[/], 1 broken: x.py"


def test_facts_of_the_list_lead_to_what_is_wrong() -> None:
    model = DagsModel({"etl": DAG, "off": replace(DAG, is_paused=True)}, {}, missing_pools={"q", "db"})
    facts = list_facts(model, "e", 2, "4")
    assert facts == [
        "2 import errors: 4",
        "filter: e",
        "pool db does not exist: 4",
        "2 DAGs",
        "1 on",
        "1 paused",
    ]
    assert list_facts(None, "", 0, "4") == []
