"""The runs that are going on: the board, what the planner decides for it, and carrying that out.

No rules: it asks the planner, hands the answer to the store, and what was applied to the executor.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from tui_flow.actions.backfills import step_backfill
from tui_flow.errors import WriteRefused
from tui_flow.executors.local import LocalExecutor
from tui_flow.journal import crash_point
from tui_flow.messages import Report, WaitOver
from tui_flow.planner.board import Board
from tui_flow.planner.decisions import (
    AddCallback,
    CreateRun,
    Decision,
    FinishAttempt,
    KillAttempt,
    MissDeadline,
    MoveRun,
    MoveTask,
    PauseDag,
    ResumeTask,
)
from tui_flow.planner.plan import plan_tick
from tui_flow.records import DagRun, TaskInstanceKey
from tui_flow.scheduler.aftermath import failure_pause, forget_old_journals
from tui_flow.scheduler.attempts import ActiveAttempts
from tui_flow.scheduler.board_loading import put_on_board
from tui_flow.scheduler.deadlines import Deadlines
from tui_flow.scheduler.news import News
from tui_flow.scheduler.pace import Pace
from tui_flow.scheduler.set_aside import DEFECTS, SetAside
from tui_flow.scheduler.starts import starts_of
from tui_flow.settings import Home
from tui_flow.state import FINISHED_RUN, RunState, TaskState
from tui_flow.store.writer import Applied, Writer
from tui_flow.timetables.assets import condition_of

_log = logging.getLogger("tui_flow.scheduler")


class Runs:
    """`allows(run)` says which runs this scheduler works on: all of them, or those of one `tuiflow run`."""

    def __init__(
        self,
        home: Home,
        writer: Writer,
        executor: LocalExecutor,
        parallelism: int,
        allows: Callable[[DagRun], bool] = lambda _run: True,
        heeds_pauses: bool = True,
    ) -> None:
        self._home = home
        self._writer = writer
        self.attempts = ActiveAttempts(home, executor)
        self._allows = allows
        self._parallelism = parallelism
        self._heeds_pauses = heeds_pauses
        self.board = Board(parallelism)
        self.aside = SetAside()
        self.news = News()
        self.pace = Pace()
        self.deadlines = Deadlines(writer.reads)

    # From the database

    def recover(self) -> None:
        """Bring every running run onto the board, and answer for attempts of earlier schedulers."""
        self._read_settings()
        reads = self._writer.reads
        for run in reads.unfinished_runs():
            self._watch_deadlines(run)
            if run.state is RunState.RUNNING:
                self.reload(run.id)
            else:
                self.news.to_start.add(run.dag_id)
        for attempt in reads.active_attempts():
            run_of = reads.run_by_id(attempt.run)
            if run_of is None or not self._allows(run_of):
                continue
            if not self.board.has_run(attempt.run):
                self.reload(attempt.run)
            self.attempts.watch(attempt, run_of, self._writer.boot_id)
            self.attempts.stop_asked([attempt])
        forget_old_journals(self._home, reads, self.attempts.keys)

    def _read_settings(self) -> None:
        self.board.set_pools(use.pool for use in self._writer.reads.pools())
        for dag in self._writer.reads.dags():
            self.board.set_paused(dag.dag_id, dag.is_paused and self._heeds_pauses)

    def reload(self, run_id: int) -> None:
        """Put a run on the board as the database has it; runs that wait for it (depends_on_past) too."""
        followers = self.board.followers(run_id)
        self._load(run_id)
        for follower in followers:
            self._load(follower)

    def _load(self, run_id: int) -> None:
        if not self.aside.holds(run_id):
            try:
                put_on_board(self.board, self._writer.reads, run_id, self._allows)
                return
            except DEFECTS as err:
                self._set_aside(run_id, err)
        self.board.drop_run(run_id)

    def after_request(self, dag_ids: Iterable[str], run_ids: Iterable[int]) -> None:
        """A user's verb has changed these: plan with what the database says now."""
        self._read_settings()
        for run_id in run_ids:
            self.reload(run_id)
        self.news.to_start.update(dag_ids)
        self.news.all_may_have_changed()
        self.attempts.stop_asked(self._writer.reads.active_attempts())

    # Steps of the loop

    def start_queued(self, now: datetime) -> None:
        """queued -> running, as max_active_runs allows; backfills make their next runs first."""
        for backfill in self._writer.reads.backfills(only_open=True) if self.news.has_backfills else ():
            if step_backfill(self._writer, backfill.id, now):
                self.news.to_start.add(backfill.dag_id)
        self.news.has_backfills = False
        for dag_id in sorted(self.news.to_start):
            if not self.aside.holds(dag_id):
                self._start_or_set_aside(dag_id, now)
        self.news.to_start.clear()

    def _start_or_set_aside(self, dag_id: str, now: datetime) -> None:
        try:
            self._start_queued_of(dag_id, now)
        except DEFECTS as err:
            self._set_aside(dag_id, err)
        else:
            self.aside.forget(dag_id)

    def _start_queued_of(self, dag_id: str, now: datetime) -> None:
        reads = self._writer.reads
        unfinished = reads.unfinished_runs(dag_id)
        queued = [run for run in unfinished if run.state is RunState.QUEUED and self._allows(run)]
        for run in queued:
            self._watch_deadlines(run)
        running = [run for run in unfinished if run.state is RunState.RUNNING]
        decisions = starts_of(reads, dag_id, queued, running, heeds_pauses=self._heeds_pauses)
        self._apply(decisions, now)
        for decision in decisions:
            if isinstance(decision, MoveRun):
                self._load(decision.run)

    def _watch_deadlines(self, run: DagRun) -> None:
        if self._allows(run):
            self.deadlines.watch(run, self._writer.reads.spec(run.dag_id, run.spec_version))

    def miss_deadlines(self, now: datetime) -> None:
        """Record the deadlines that have passed; their callbacks run as others do."""
        for decision in self.deadlines.missed(now):
            self._apply([decision], now)

    def hear(self, report: Report) -> None:
        """Keep a report until a tick has recorded it."""
        self.attempts.hear(report)

    def record(self, now: datetime) -> None:
        """What was heard and what follows from it, but for launches."""
        if self.attempts.has_heard:
            self.tick(now, may_launch=False)

    def tick(self, now: datetime, waits_over: Sequence[WaitOver] = (), *, may_launch: bool = True) -> None:
        """Record what was heard, decide what follows, carry it out. Raises WriteRefused with nothing forgotten."""
        tried = self._bring_back()
        heard = self.attempts.take()
        pairs = self._with_keys(heard)
        for over in waits_over:
            if not self.board.has_run(over.key.run):
                self.reload(over.key.run)
        try:
            decisions = plan_tick(self.board, pairs, now, waits_over=waits_over, may_launch=may_launch)
            self._apply(decisions, now)
        except WriteRefused:
            self.attempts.put_back(heard)
            for run_id in list(self.board.runs):
                self._load(run_id)
            raise
        except DEFECTS as err:
            self._tick_one_by_one(pairs, waits_over, now, err)
        for run_id in tried:
            if not self.aside.holds(run_id):
                self.aside.forget(run_id)
        self.attempts.put_back([report for report in heard if self._is_held(report)])

    def _is_held(self, report: Report) -> bool:
        key = self.attempts.keys.get(report.attempt_id)
        return key is not None and self.aside.holds(key.run)

    def _tick_one_by_one(
        self,
        pairs: Sequence[tuple[Report, TaskInstanceKey]],
        waits_over: Sequence[WaitOver],
        now: datetime,
        cause: Exception,
    ) -> None:
        """Each run by itself and from the database, so that the one which cannot be planned or recorded is found and
        set aside. Raises `cause` where it is none of them alone."""
        run_ids = list(self.board.runs)
        self.board = Board(self._parallelism)
        self._read_settings()
        for run_id in run_ids:
            try:
                self._load(run_id)
                reports = [(report, key) for report, key in pairs if key.run == run_id and self.board.has_run(run_id)]
                waits = [over for over in waits_over if over.key.run == run_id]
                self._apply(plan_tick(self.board, reports, now, waits_over=waits, may_launch=False), now)
            except DEFECTS as err:
                self._set_aside(run_id, err)
            self.board.drop_run(run_id)
        if not any(self.aside.holds(run_id) for run_id in run_ids):
            raise cause
        for run_id in run_ids:
            self._load(run_id)

    def _set_aside(self, key: int | str, err: Exception) -> None:
        """The audit trail tells it once."""
        if not self.aside.add(key, err):
            return
        run = self._writer.reads.run_by_id(key) if isinstance(key, int) else None
        subject = {"dag_id": run.dag_id, "run_id": run.run_id} if run else {"dag_id": str(key)}
        with self._writer.transaction():
            self._writer.add_event("", "set_aside", datetime.now(UTC), subject, after=self.aside.reasons()[key])

    def _bring_back(self) -> list[int]:
        """What was set aside, for another try; the runs among it."""
        due = self.aside.due()
        self.news.to_start.update(key for key in due if isinstance(key, str))
        run_ids = [key for key in due if isinstance(key, int)]
        for run_id in run_ids:
            self.reload(run_id)
        return run_ids

    def _with_keys(self, reports: Iterable[Report]) -> list[tuple[Report, TaskInstanceKey]]:
        """Reports of attempts that are active, with their runs on the board."""
        pairs = []
        for report in reports:
            key = self.attempts.keys.get(report.attempt_id)
            if key is None:
                continue
            if not self.board.has_run(key.run):
                self.reload(key.run)
            if self.board.has_run(key.run):
                pairs.append((report, key))
        return pairs

    def create(self, decisions: Sequence[Decision], now: datetime) -> Applied:
        """Carry out decisions about runs that are to be, and about those that make way for them."""
        applied = self._apply(decisions, now)
        for run_id in {decision.run for decision in decisions if isinstance(decision, MoveRun)}:
            self.reload(run_id)
        return applied

    def _apply(self, decisions: Sequence[Decision], now: datetime) -> Applied:
        if not decisions:
            return Applied(())
        crash_point("tick.before_commit")
        with self.pace.write():
            applied = self._writer.apply(decisions, now)
        crash_point("tick.committed")
        for launch, attempt_id in applied.launched:
            self.board.set_attempt(launch.key, attempt_id)
            self.attempts.submit(launch, attempt_id, self.board.runs[launch.key.run], self._writer.reads, now)
        for decision, took_effect in zip(decisions, applied.took_effect, strict=True):
            self._follow_up(decision, took_effect, now)
        return applied

    def _follow_up(self, decision: Decision, took_effect: bool, now: datetime) -> None:
        match decision:
            case FinishAttempt() if took_effect:
                self.attempts.forget(decision.attempt_id)
                self._make_room_after(decision.key.run)
                self._follow_effects(decision.report)
                if decision.new is TaskState.DEFERRED:
                    self.news.waits.add(decision.key)
            case MoveTask() | ResumeTask() if decision.old is TaskState.DEFERRED:
                self.news.waits.add(decision.key)
                self.news.has_assets |= isinstance(decision, ResumeTask) and bool(decision.updates)
            case KillAttempt():
                self.attempts.stop(decision.attempt_id, decision.reason)
            case MoveRun() if decision.new in FINISHED_RUN:
                self._run_ended(decision, now)
            case CreateRun():
                self.news.to_start.add(decision.dag_id)
            case PauseDag():
                self.board.set_paused(decision.dag_id, decision.is_paused)
            case AddCallback() | MissDeadline():
                self.news.has_callbacks = True
        if not took_effect and not isinstance(decision, CreateRun):
            _log.warning("not applied, the database says otherwise: %s", decision)
            run_id = getattr(decision, "run", None) or getattr(getattr(decision, "key", None), "run", None)
            if isinstance(run_id, int):
                self.reload(run_id)

    def _make_room_after(self, run_id: int) -> None:
        """A run that was ended while tasks of it were alive takes a place until they are dead."""
        board_run = self.board.runs.get(run_id)
        run = board_run.run if board_run else self._writer.reads.run_by_id(run_id)
        if run is not None and run.state in FINISHED_RUN:
            self.news.to_start.add(run.dag_id)

    def _follow_effects(self, report: Report) -> None:
        """What else moves on because of what a task did."""
        for effect in report.effects:
            if effect["kind"] == "trigger_run":
                self.news.to_start.add(effect["dag_id"])
            elif effect["kind"] == "asset_events":
                self.news.has_assets = True

    def _run_ended(self, decision: MoveRun, now: datetime) -> None:
        run = self._writer.reads.run_by_id(decision.run)
        if run is None:
            return
        self.news.to_start.add(run.dag_id)
        self.news.ended.add(run.dag_id)
        self.deadlines.forget(run)
        self.news.has_backfills |= run.backfill_id is not None
        self.news.has_assets |= (
            condition_of(self._writer.reads.spec(run.dag_id, run.spec_version).timetable) is not None
        )
        self._apply(failure_pause(self._writer.reads, run), now)

    def has_news(self) -> bool:
        """Whether the next round has something to do at once."""
        return bool(self.news.to_start) or not self.board.is_settled or self.attempts.has_heard_other(self._is_held)

    def is_idle(self) -> bool:
        return self.attempts.is_idle()
