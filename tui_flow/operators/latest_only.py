"""`LatestOnlyOperator`: goes on in the newest run only; older ones (catchup, backfill) skip what is downstream."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from tui_flow.sdk.branch import BaseBranchOperator
from tui_flow.sdk.context import Context
from tui_flow.sdk.schedule import timetable_for
from tui_flow.timetables import DataInterval, TimeRestriction

_ALWAYS_GO_ON = ("manual", "operator_triggered", "asset_triggered")


def is_latest(following: datetime | None, now: datetime) -> bool:
    """Whether no later run has fallen due; `following` is when the next one does."""
    return following is None or now <= following


class LatestOnlyOperator(BaseBranchOperator):
    """Runs that somebody asked for are never skipped."""

    ui_color = "#e9ffdb"

    def choose_branch(self, context: Context) -> str | Collection[str] | None:
        everything = [task.task_id for task in context["ti"].task.downstream_list]
        if context["dag_run"].run_type in _ALWAYS_GO_ON:
            self.log.info("This run was asked for: going on")
            return everything
        following = self._following_run(context)
        if is_latest(following, datetime.now(UTC)):
            self.log.info("This is the latest run: going on")
            return everything
        self.log.info("A later run fell due at %s: skipping downstream tasks", following)
        return []

    def _following_run(self, context: Context) -> datetime | None:
        dag_run = context["dag_run"]
        timetable = timetable_for(context["dag"], context.dialect)
        last = DataInterval(dag_run.data_interval_start, dag_run.data_interval_end)
        anytime = TimeRestriction(None, None, catchup=True)
        following = timetable.next_dagrun_info(
            last_automated_data_interval=last, restriction=anytime, now=datetime.now(UTC)
        )
        return following.run_after if following is not None else None
