"""Operators that ask a person: what they refuse, what they ask, and what they make of the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tui_flow import ApprovalOperator, EmptyOperator, HITLBranchOperator, HITLEntryOperator, HITLOperator
from tui_flow.runtime.deferral import go_on, request_of, resume_of
from tui_flow.sdk import xcom
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import TaskDeferred
from tui_flow.sdk.human_input import HITLRejectException, HITLTimeoutError

ANSWER = {
    "chosen_options": ["Reject"],
    "params_input": {},
    "responded_at": "2026-01-01T00:00:00+00:00",
    "responded_by_user": {"id": "ann", "name": "ann"},
}


def asked(task: HITLOperator) -> TaskDeferred:
    with pytest.raises(TaskDeferred) as caught:
        task.execute(Context())
    return caught.value


def ended(task: HITLOperator, **over: Any) -> Any:
    return go_on(task, {**resume_of(asked(task), 7), "over": over}, Context())


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"options": []}, "cannot be empty"),
        ({"options": ["a", "a"]}, "duplicates"),
        ({"options": ["a"], "defaults": "b"}, "not among the options"),
        ({"options": ["a", "b"], "defaults": ["a", "b"]}, "multiple"),
    ],
)
def test_what_cannot_be_asked(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        HITLOperator(task_id="a", subject="?", **arguments)


def test_operators_with_options_of_their_own() -> None:
    with pytest.raises(ValueError, match="Passing options"):
        ApprovalOperator(task_id="a", subject="?", options=["x"])
    with pytest.raises(ValueError, match="no options: \\['z'\\]"):
        HITLBranchOperator(task_id="a", subject="?", options=["x"], options_mapping={"z": "y"})
    assert HITLEntryOperator(task_id="a", subject="?").options == ["OK"]


def test_the_wait_is_for_a_person() -> None:
    task = HITLOperator(task_id="a", subject="?", options=["x"], params={"n": 1}, response_timeout=5)
    wait = asked(task)
    request = request_of(wait)
    assert (request["options"], request["params"], request["defaults"]) == (["x"], {"n": {"default": 1}}, None)
    assert resume_of(wait, 7)["asks"] is True and wait.timeout is not None and wait.timeout.seconds == 5


def test_a_time_out_means_the_defaults_or_a_failure() -> None:
    with pytest.raises(HITLTimeoutError):
        ended(HITLOperator(task_id="a", subject="?", options=["x"]), timeout=True)
    found = ended(HITLEntryOperator(task_id="a", subject="?", params={"n": 1}), timeout=True)
    assert (found["chosen_options"], found["params_input"], found["responded_by_user"]) == (["OK"], {"n": 1}, None)


def test_a_rejection_can_fail_the_task() -> None:
    with pytest.raises(HITLRejectException):
        ended(
            ApprovalOperator(task_id="a", subject="?", fail_on_reject=True),
            value=xcom.encode(json.dumps(ANSWER)),
        )
    approved = {**ANSWER, "chosen_options": ["Approve"]}
    found = ended(ApprovalOperator(task_id="a", subject="?"), value=xcom.encode(json.dumps(approved)))
    assert found["chosen_options"] == ["Approve"] and found["responded_at"].tzinfo is not None


@dataclass
class AskingTaskInstance:
    dag_id: str = "d"
    task_id: str = "a"
    run_id: str = "run 1"
    map_index: int = -1


def test_a_message_can_say_how_to_answer() -> None:
    task = HITLOperator(task_id="a", subject="?", options=["x", "y z"], params={"n": 1})
    context = Context({"task": task, "ti": AskingTaskInstance()})
    link = HITLOperator.generate_link_to_ui_from_context(context=context, base_url="http://unused", options="y z")
    assert link == "tuiflow answer d a --run 'run 1' --choose 'y z'"
    mapped = task.generate_link_to_ui(task_instance=AskingTaskInstance(map_index=0), params_input={"n": 2})
    assert mapped == "tuiflow answer d a --run 'run 1' --map-index 0 -p n=2"


def test_a_message_cannot_name_what_is_not_asked() -> None:
    task = HITLOperator(task_id="a", subject="?", options=["x"])
    with pytest.raises(ValueError, match=r"options \['y'\] are not among"):
        task.generate_link_to_ui(task_instance=AskingTaskInstance(), options=["y"])
    with pytest.raises(ValueError, match=r"params \['n'\] are not asked for"):
        task.generate_link_to_ui(task_instance=AskingTaskInstance(), params_input={"n": 1})
    with pytest.raises(ValueError, match="asks nobody"):
        HITLOperator.generate_link_to_ui_from_context(context=Context({"task": EmptyOperator(task_id="e")}))
