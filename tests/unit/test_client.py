"""Errors over the socket: the class, the message and the exit code arrive."""

from __future__ import annotations

import pytest

from tests.unit.test_errors import CLASSES
from tui_flow.client import error_from, error_to, value_of
from tui_flow.errors import DagNotFound, ProtocolError, RunAlreadyExists, TuiflowError


@pytest.mark.parametrize("cls", CLASSES.values(), ids=lambda cls: cls.__name__)
def test_every_error_of_ours_comes_back_as_itself(cls: type[TuiflowError]) -> None:
    err = cls.__new__(cls)
    Exception.__init__(err, "what happened")
    back = error_from(error_to(err))
    assert type(back) is cls and str(back) == "what happened" and back.exit_code == cls.exit_code


def test_errors_with_arguments_of_their_own_keep_their_message() -> None:
    for err in (DagNotFound("etl", ["elt"]), RunAlreadyExists("etl", "r")):
        back = error_from(error_to(err))
        assert type(back) is type(err) and str(back) == str(err)


@pytest.mark.parametrize("name", ["KeyError", "Iterable", "did_you_mean", "annotations", "__doc__", None, 7, ["x"]])
def test_what_is_no_error_of_ours_is_a_protocol_error(name: object) -> None:
    back = error_from({"type": name, "message": "m"})
    assert type(back) is ProtocolError and str(back) == "m"


def test_an_answer_is_its_value_or_its_error() -> None:
    assert value_of({"kind": "answer", "ok": True, "value": [1]}) == [1]
    assert value_of({"kind": "answer", "ok": True}) is None
    with pytest.raises(DagNotFound, match="gone"):
        value_of({"kind": "answer", "ok": False, "error": {"type": "DagNotFound", "message": "gone"}})
    with pytest.raises(ProtocolError, match="the scheduler answered with an error"):
        value_of({"kind": "answer"})
