"""The tables of moves: complete, closed, and with no way for the engine out of an end."""

from __future__ import annotations

import pytest

from tui_flow.state import (
    ACTIVE_ATTEMPT,
    ATTEMPT_MOVES,
    FAILED_TASK,
    FINISHED_RUN,
    FINISHED_TASK,
    OCCUPIED_TASK,
    RUN_MOVES,
    SUCCESS_TASK,
    TASK_MOVES,
    WAITING_TASK,
    AttemptState,
    RunState,
    TaskState,
)

T = TaskState
USER_ENDS = FINISHED_TASK | {T.NONE}
"""Where a clear, a mark or a removal leads."""


@pytest.mark.parametrize(
    ("moves", "members"), [(TASK_MOVES, TaskState), (RUN_MOVES, RunState), (ATTEMPT_MOVES, AttemptState)]
)
def test_every_state_has_its_moves_and_they_stay_among_the_states(
    moves: dict[str, frozenset[str]], members: type[TaskState] | type[RunState] | type[AttemptState]
) -> None:
    assert set(moves) == set(members)
    assert all(targets <= set(members) for targets in moves.values())


def reachable(moves: dict[TaskState, frozenset[TaskState]], start: TaskState) -> set[TaskState]:
    seen, ahead = set[TaskState](), [start]
    while ahead:
        state = ahead.pop()
        if state not in seen:
            seen.add(state)
            ahead += moves[state]
    return seen


def test_every_task_state_is_used() -> None:
    assert reachable(TASK_MOVES, T.NONE) | {T.AWAITING_INPUT} == set(TaskState)


def test_from_a_finished_task_only_the_user_moves_on() -> None:
    for state in FINISHED_TASK:
        assert TASK_MOVES[state] <= USER_ENDS, state


def test_a_finished_run_goes_on_only_through_the_queue() -> None:
    for state in FINISHED_RUN:
        assert RUN_MOVES[state] <= FINISHED_RUN | {RunState.QUEUED}


def test_an_attempt_ends_once() -> None:
    for state, targets in ATTEMPT_MOVES.items():
        assert (state in ACTIVE_ATTEMPT) == bool(targets)
        assert state not in targets
    assert AttemptState.LAUNCHING not in ATTEMPT_MOVES[AttemptState.RUNNING]


def test_what_runs_or_waits_can_end_and_can_be_cleared() -> None:
    for state in OCCUPIED_TASK | WAITING_TASK:
        assert {T.NONE, T.SUCCESS, T.FAILED, T.SKIPPED} <= TASK_MOVES[state], state


def test_slots_are_only_taken_from_scheduled() -> None:
    assert [state for state, targets in TASK_MOVES.items() if T.QUEUED in targets] == [T.SCHEDULED]


def test_the_groups_of_states_do_not_overlap() -> None:
    assert not FINISHED_TASK & OCCUPIED_TASK and not FINISHED_TASK & WAITING_TASK and not OCCUPIED_TASK & WAITING_TASK
    assert FAILED_TASK | SUCCESS_TASK | {T.REMOVED} == FINISHED_TASK and not FAILED_TASK & SUCCESS_TASK
