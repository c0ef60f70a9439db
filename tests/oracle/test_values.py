"""Airflow's answers about params, connections, macros and assets."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.oracle.cases import Case, answers
from tui_flow import Asset, Connection, Param
from tui_flow.asset_records import QueuedAsset
from tui_flow.errors import BadDag
from tui_flow.planner.assets import is_met
from tui_flow.sdk import macros
from tui_flow.sdk.exceptions import ParamValidationError
from tui_flow.timetables import AssetTriggeredTimetable


@answers("param")
def test_param(case: Case) -> None:
    given, expected = case["input"], case["expected"]
    param = Param(**given["param"])
    value = (given["value"],) if given["value_given"] else ()
    if "error" not in expected:
        assert param.resolve(*value) == expected["value"]
        return
    assert expected["error"] == ParamValidationError.__name__
    with pytest.raises(ParamValidationError, match=re.escape(expected["message"])):
        param.resolve(*value)


@answers("connection.uri", "connection.json")
def test_connection(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_C", case["input"])
    expected = dict(case["expected"])
    if "error" in expected:
        kind = {"TypeError": TypeError, "ValueError": ValueError}.get(expected["error"].partition(":")[0], Exception)
        with pytest.raises(kind) as caught:
            Connection.get("c")
        is_json = case["category"] == "connection.json"  # what a URI has at a wrong place may be of its password
        assert not is_json or all(word in str(caught.value) for word in re.findall(r"'\w+'", expected["error"]))
        return
    connection = Connection.get("c")
    uri = expected.pop("get_uri", None)
    extra = expected.pop("extra")
    assert {name: getattr(connection, name) for name in expected} == expected
    assert connection.extra_dejson == extra
    assert uri is None or connection.get_uri() == uri


@answers("macros")
def test_macros(case: Case) -> None:
    for call, answer in case["expected"].items():
        assert eval(call, dict(vars(macros))) == answer, call


@answers("asset.condition")
def test_asset_condition(case: Case) -> None:
    written = case["input"]["expression"].partition(" (list")[0]
    schedule = eval(written, {name: Asset(name) for name in "abcdefgh"})
    condition = AssetTriggeredTimetable(schedule).assets
    at = datetime(2024, 1, 1, tzinfo=UTC)
    for names, expected in case["expected"].items():
        updated = [QueuedAsset("d", name, name, frozenset(), at) for name in names.split(",") if name != "-"]
        assert is_met(condition, updated) is expected, names


@answers("asset.uri")
def test_asset_uri(case: Case) -> None:
    if "error" in case["expected"]:
        with pytest.raises((BadDag, ValueError)):
            Asset(case["input"])
        return
    made = Asset(case["input"])
    assert {"uri": made.uri, "name": made.name} == case["expected"]
