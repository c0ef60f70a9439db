"""The 13 trigger rules: what the states of a task's upstream task instances say of the task itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from tui_flow.state import TaskState, TriggerRule

R = TriggerRule
T = TaskState


@dataclass(slots=True)
class Counts:
    """How the upstream task instances of one task instance stand.

    Those that are not in the run (state removed) are not counted at all: a task whose upstream tasks are all removed is
    like one without any.
    """

    total: int = 0
    success: int = 0
    failed: int = 0
    upstream_failed: int = 0
    skipped: int = 0
    setups: int = 0
    """Setups that must have worked: of a teardown its own, of another task those in whose scope it is without being
    directly downstream of them."""
    setup_success: int = 0
    setup_failed: int = 0
    """Failed or upstream_failed."""
    setup_skipped: int = 0

    @property
    def done(self) -> int:
        return self.success + self.failed + self.upstream_failed + self.skipped

    def add(self, state: TaskState) -> None:
        """An upstream task instance has come to this finished state."""
        if state is T.SUCCESS:
            self.success += 1
        elif state is T.FAILED:
            self.failed += 1
        elif state is T.SKIPPED:
            self.skipped += 1
        elif state is T.UPSTREAM_FAILED:
            self.upstream_failed += 1
        else:
            self.total -= 1

    def merge(self, other: Counts) -> None:
        """Count what `other` has counted too."""
        self.total += other.total
        self.success += other.success
        self.failed += other.failed
        self.upstream_failed += other.upstream_failed
        self.skipped += other.skipped
        self.setups += other.setups
        self.setup_success += other.setup_success
        self.setup_failed += other.setup_failed
        self.setup_skipped += other.setup_skipped

    def add_setup(self, state: TaskState) -> None:
        if state is T.SUCCESS:
            self.setup_success += 1
        elif state is T.SKIPPED:
            self.setup_skipped += 1
        elif state is T.REMOVED:
            self.setups -= 1
        else:
            self.setup_failed += 1


def evaluate(rule: TriggerRule, counts: Counts) -> TaskState:
    """The state that follows: SCHEDULED (run it), SKIPPED, UPSTREAM_FAILED, or NONE (wait)."""
    if rule is R.ALWAYS:
        return T.SCHEDULED
    if counts.setups and rule is not R.ALL_DONE_SETUP_SUCCESS:
        ready = _after_setups(counts)
        if ready is not T.SCHEDULED:
            return ready
    if not counts.total:
        return T.SCHEDULED
    return _by_rule(rule, counts)


def _after_setups(c: Counts) -> TaskState:
    """What the setups of a task's scope say of it, whatever its own rule is."""
    if c.setup_failed:
        return T.UPSTREAM_FAILED
    if c.setup_skipped:
        return T.SKIPPED
    return T.SCHEDULED if c.setup_success >= c.setups else T.NONE


def _by_rule(rule: TriggerRule, c: Counts) -> TaskState:
    bad, all_done = c.failed + c.upstream_failed, c.done >= c.total
    match rule:
        case R.ALL_SUCCESS:
            return _first((bad, T.UPSTREAM_FAILED), (c.skipped, T.SKIPPED), (all_done, T.SCHEDULED))
        case R.ALL_FAILED:
            return _first((c.success or c.skipped, T.SKIPPED), (all_done, T.SCHEDULED))
        case R.ALL_DONE:
            return _first((all_done, T.SCHEDULED))
        case R.ALL_SKIPPED:
            return _first((c.success or bad, T.SKIPPED), (all_done, T.SCHEDULED))
        case R.ONE_SUCCESS:
            none_but_skipped = c.skipped == c.total
            return _first((c.success, T.SCHEDULED), (none_but_skipped, T.SKIPPED), (all_done, T.UPSTREAM_FAILED))
        case R.ONE_FAILED:
            return _first((bad, T.SCHEDULED), (all_done, T.SKIPPED))
        case R.ONE_DONE:
            return _first((c.success or c.failed, T.SCHEDULED), (all_done, T.SKIPPED))
        case R.NONE_FAILED:
            return _first((bad, T.UPSTREAM_FAILED), (all_done, T.SCHEDULED))
        case R.NONE_FAILED_MIN_ONE_SUCCESS:
            return _first((bad, T.UPSTREAM_FAILED), (c.skipped == c.total, T.SKIPPED), (all_done, T.SCHEDULED))
        case R.NONE_SKIPPED:
            return _first((c.skipped, T.SKIPPED), (all_done, T.SCHEDULED))
        case R.ALL_DONE_MIN_ONE_SUCCESS:
            no_success = all_done and not c.success
            return _first((c.skipped, T.SKIPPED), (no_success, T.UPSTREAM_FAILED), (all_done, T.SCHEDULED))
        case R.ALL_DONE_SETUP_SUCCESS:
            return _teardown(c) if all_done else T.NONE
        case R.ALWAYS:
            return T.SCHEDULED
        case _:
            assert_never(rule)


def _teardown(c: Counts) -> TaskState:
    if c.setups and c.setup_skipped >= c.setups:
        return T.SKIPPED
    if c.setups and not c.setup_success:
        return T.UPSTREAM_FAILED
    return T.SCHEDULED


def _first(*cases: tuple[int | bool, TaskState]) -> TaskState:
    """The state of the first case that holds; NONE when no case does."""
    for holds, state in cases:
        if holds:
            return state
    return T.NONE
