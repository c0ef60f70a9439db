"""Lines of the audit trail in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tui_flow.actions.dispatch import VERBS
from tui_flow.records import Event
from tui_flow.spec import Json
from tui_flow.tui.views.deed_words import DONE, TO_TASKS, TURNED, deed_said

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
RUN = "scheduled__2026-11-20T02:00:00+00:00"


def event(verb: str, after: Json = None, who: str = "ana", dag: str = "etl", run: str = "", task: str = "") -> Event:
    return Event(1, AT, who, verb, dag or None, run or None, task or None, None, None, after)


def test_every_verb_has_its_words() -> None:
    assert set(VERBS) <= {*DONE, *TO_TASKS, *TURNED}


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (event("pause_dag", {"dag_ids": ["etl"], "is_paused": True}), "paused by ana"),
        (event("pause_dag", {"dag_ids": ["etl"], "is_paused": False}), "resumed by ana"),
        (event("pause_dag", {"dag_ids": ["a", "b"], "is_paused": True}, dag=""), "paused a, b by ana"),
        (event("trigger", run=RUN), "triggered scheduled 2026-11-20 02:00 by ana"),
        (event("clear", run=RUN, task="load"), "cleared load in scheduled 2026-11-20 02:00 by ana"),
        (event("clear", run=RUN), "cleared tasks in scheduled 2026-11-20 02:00 by ana"),
        (event("set_pool", {"name": "net\x1b]0;x\x07"}, dag=""), "set the pool net␛]0;x␇ by ana"),
        (event("clean", {"runs": 3}, who="", dag=""), "cleaned up old runs by the scheduler"),
        (event("of_tomorrow"), "of tomorrow by ana"),
    ],
)
def test_a_deed_names_what_was_done_to_what(deed: Event, said: str) -> None:
    assert deed_said(deed, True) == said


def test_on_the_page_of_a_run_it_is_not_named_again() -> None:
    assert deed_said(event("clear", run=RUN, task="load"), True, with_run=False) == "cleared load by ana"
