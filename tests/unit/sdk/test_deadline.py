from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tui_flow import DAG, AsyncCallback, BaseNotifier, DeadlineAlert, DeadlineReference, EmptyOperator, SyncCallback
from tui_flow.errors import BadDag
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.to_spec import dag_to_spec

HEARD: list[Any] = []
HOUR = timedelta(hours=1)


def tell(word: str, context: Mapping[str, Any]) -> None:
    HEARD.append((word, context["run_id"]))


def tell_less(word: str) -> None:
    HEARD.append(word)


async def tell_later(word: str, **more: Any) -> None:
    HEARD.append((word, sorted(more)))


class Tell(BaseNotifier):
    template_fields = ("word",)

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word

    def notify(self, context: Mapping[str, Any]) -> None:
        HEARD.append(self.word)


@pytest.mark.parametrize(
    ("callback", "heard"),
    [
        (SyncCallback(tell, {"word": "late"}), ("late", "r")),
        (SyncCallback(tell_less, {"word": "late"}), "late"),
        (SyncCallback(f"{__name__}.tell_less", {"word": "by path"}), "by path"),
        (AsyncCallback(tell_later, {"word": "late"}), ("late", ["context"])),
        (SyncCallback(Tell, {"word": "{{ run_id }} is late"}), "r is late"),
    ],
)
def test_a_callback_is_called_with_its_arguments_and_the_context(callback: SyncCallback, heard: Any) -> None:
    HEARD.clear()
    callback.run({"run_id": "r"})
    assert [heard] == HEARD


def test_what_the_spec_keeps_of_deadlines() -> None:
    at = datetime(2026, 5, 4, tzinfo=UTC)
    callback = SyncCallback(tell_less)
    references = [
        DeadlineReference.DAGRUN_LOGICAL_DATE,
        DeadlineReference.FIXED_DATETIME(at),
        DeadlineReference.AVERAGE_RUNTIME(max_runs=5),
    ]
    with DAG("d", deadline=[DeadlineAlert(ref, HOUR, callback) for ref in references]) as dag:
        EmptyOperator(task_id="a")
    spec = dag_to_spec(dag, "d.py", "tui_flow")
    assert [alert["reference"] for alert in spec.deadlines] == [
        {"kind": "logical_date"},
        {"kind": "fixed", "at": at.isoformat()},
        {"kind": "average", "max_runs": 5, "min_runs": 5},
    ]
    assert {alert["interval_s"] for alert in spec.deadlines} == {3600.0}
    named = DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, HOUR, callback, "by noon")
    assert DAG("e", deadline=named).deadline[0].describe()["name"] == "by noon"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("queued", HOUR, SyncCallback(tell)), "one of DeadlineReference"),
        ((DeadlineReference.DAGRUN_QUEUED_AT, 60, SyncCallback(tell)), "interval is a timedelta"),
        ((DeadlineReference.DAGRUN_QUEUED_AT, HOUR, tell), "a SyncCallback or an AsyncCallback"),
    ],
)
def test_what_is_no_deadline_is_refused(arguments: Any, words: str) -> None:
    with pytest.raises(AirflowException, match=words):
        DeadlineAlert(*arguments)
    with pytest.raises(BadDag, match="must be a DeadlineAlert or a list"):
        DAG("d", deadline=arguments[0])
    with pytest.raises(AirflowException, match="a function or its dotted path"):
        SyncCallback("nothing")
    with pytest.raises(ValueError, match="min_runs must be 1 or more"):
        DeadlineReference.AVERAGE_RUNTIME(3, 0)


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        ({"email": "a@x.org"}, {"on_failure", "on_retry"}),
        ({"email": ["a@x.org"], "email_on_retry": False}, {"on_failure"}),
        ({"email": "a@x.org", "email_on_failure": False, "email_on_retry": False}, set()),
        ({}, set()),
    ],
)
def test_outcomes_that_are_mailed_are_announced(settings: dict[str, Any], kinds: set[str]) -> None:
    with DAG("d", default_args=settings) as dag:
        EmptyOperator(task_id="a")
    task = dag_to_spec(dag, "d.py", "tui_flow").by_id["a"]
    assert set(task.callbacks) == kinds
    assert task.is_empty and "email" not in task.ignored
