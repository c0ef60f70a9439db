"""The DAGs on which Airflow's answers about clear, mark, backfill and depends_on_past were taken, as DagSpecs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.unit.planner.dsl import dag_of
from tui_flow.spec import DagSpec, GroupSpec
from tui_flow.timetables import (
    ContinuousTimetable,
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    NullTimetable,
    OnceTimetable,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
DAILY = CronDataIntervalTimetable("0 0 * * *", "UTC").to_dict()
DAILY_TRIGGER = CronTriggerTimetable("0 0 * * *", "UTC").to_dict()
_TWICE = {"retries": 2}


def _dags() -> list[DagSpec]:
    daily: dict[str, Any] = {"timetable": DAILY, "start_date": START, "catchup": True}
    none: dict[str, Any] = {"timetable": NullTimetable().to_dict(), "start_date": START}
    return [
        dag_of("a >> b >> c >> d", dag_id="s_linear", tasks=dict.fromkeys("abcd", _TWICE), **daily),
        dag_of(
            "s >> w1 >> w2 >> t; s >> t",
            dag_id="s_std",
            s={"is_setup": True},
            t={"is_teardown": True, "trigger_rule": "all_done_setup_success"},
            **none,
        ),
        dag_of(
            "x >> y >> z; late; ign",
            dag_id="s_dop",
            x={"depends_on_past": True},
            y={"wait_for_downstream": True, "depends_on_past": True},
            late={"depends_on_past": True, "start_date": datetime(2024, 1, 3, tzinfo=UTC)},
            ign={"depends_on_past": True, "ignore_first_depends_on_past": True},
            **daily,
        ),
        dag_of("x", dag_id="s_dop_nocatchup", x={"depends_on_past": True}, **{**daily, "catchup": False}),
        dag_of("a", dag_id="s_once", **{**none, "timetable": OnceTimetable().to_dict()}),
        dag_of("a", dag_id="s_cont", max_active_runs=1, **{**none, "timetable": ContinuousTimetable().to_dict()}),
        dag_of("lo >> [a, b]", dag_id="s_latest", **daily),
        dag_of("lo >> [a, b]", dag_id="s_latest_trigger", **{**daily, "timetable": DAILY_TRIGGER}),
        dag_of(
            "pre >> g.a >> g.b >> post >> last",
            dag_id="s_group",
            tasks={"g.a": {"group": "g"}, "g.b": {"group": "g"}},
            groups=(GroupSpec("g"),),
            **none,
        ),
        dag_of(
            "a >> [b, c] >> d >> e",
            dag_id="s_weights",
            b={"priority_weight": 2},
            c={"priority_weight": 3, "weight_rule": "upstream"},
            d={"priority_weight": 4, "weight_rule": "absolute"},
            e={"priority_weight": 5},
            **none,
        ),
    ]


DAGS = {spec.dag_id: spec for spec in _dags()}
