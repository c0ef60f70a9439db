"""`ti.xcom_pull`: what it finds by itself, what it asks for, and in which shape the answer comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tui_flow.messages import RunFacts, Workload
from tui_flow.runtime.task_instance import AttemptTaskInstance
from tui_flow.runtime.xcoms import XComFiles
from tui_flow.spec import Json

AT = "2026-01-01T00:00:00+00:00"
RUN = RunFacts("r", "manual", AT, AT, AT, AT, AT, AT)
FILES = XComFiles(Path("/nonexistent"), inline_bytes=1000, max_bytes=2000)
Rows = list[tuple[str, int, str]]


@dataclass
class FakeChannel:
    rows: Rows = field(default_factory=list)
    asked: list[dict[str, Json]] = field(default_factory=list)
    told: list[dict[str, Json]] = field(default_factory=list)

    def tell(self, effect: dict[str, Json]) -> None:
        self.told.append(effect)

    def xcoms(self, args: dict[str, Json]) -> Rows:
        self.asked.append(args)
        return [row for row in self.rows if row[0] in args["task_ids"]]

    def previous_ti(self, state: str | None) -> dict[str, Json] | None:
        return None

    def mapped_xcoms(self, args: dict[str, Json]) -> Json:
        self.asked.append(args)
        part = range(args["first"], args["stop"])
        found = [[index, text] for task_id, index, text in self.rows if task_id == args["task_id"] and index in part]
        if args["what"] == "count":
            return len(found)
        return found[: args["limit"]] if args["what"] == "page" else found[args["what"]][1]


@dataclass
class FakeJournal:
    effects: list[dict[str, Json]] = field(default_factory=list)

    def add_effect(self, effect: dict[str, Json]) -> int:
        self.effects.append(effect)
        return len(self.effects) - 1


def ti_with(
    *came_along: tuple[str, int, str, str], complete: tuple[str, ...] = (), rows: Rows | None = None
) -> tuple[AttemptTaskInstance, FakeChannel, FakeJournal]:
    work = Workload(1, "d", "me", -1, 1, 0, RUN, "d.py", "s", "j", "l", xcoms=came_along, xcoms_of=complete)
    channel, journal = FakeChannel(rows or []), FakeJournal()
    return AttemptTaskInstance(None, work, datetime(2026, 1, 1, tzinfo=UTC), channel, journal, FILES), channel, journal


def test_what_came_along_is_not_asked_for() -> None:
    ti, channel, _ = ti_with(("a", -1, "return_value", "5"), ("a", -1, "k", '"x"'), complete=("a", "b"))
    assert ti.xcom_pull("a") == 5
    assert ti.xcom_pull("a", key="k") == "x"
    assert ti.xcom_pull("b") is None
    assert ti.xcom_pull("b", default=0) == 0
    assert channel.asked == []


def test_other_tasks_are_asked_for_together() -> None:
    ti, channel, _ = ti_with(("a", -1, "return_value", "1"), complete=("a",), rows=[("c", -1, "3")])
    assert ti.xcom_pull(["c", "a", "b"]) == [3, 1, None]
    (asked,) = channel.asked
    assert asked == {
        "dag_id": "d",
        "run_id": "r",
        "task_ids": ["c", "b"],
        "key": "return_value",
        "include_prior_dates": False,
    }


@pytest.mark.parametrize(
    ("arguments", "dag_id", "run_id", "prior"),
    [
        ({"dag_id": "other"}, "other", None, False),
        ({"dag_id": "other", "run_id": "x"}, "other", "x", False),
        ({"run_id": "x"}, "d", "x", False),
        ({"dag_id": "d", "include_prior_dates": True}, "d", "r", True),
    ],
)
def test_other_runs_are_always_asked_for(
    arguments: dict[str, Any], dag_id: str, run_id: str | None, prior: bool
) -> None:
    ti, channel, _ = ti_with(("a", -1, "return_value", "1"), complete=("a",), rows=[("a", -1, "9")])
    assert ti.xcom_pull("a", **arguments) == 9
    (asked,) = channel.asked
    assert (asked["dag_id"], asked["run_id"], asked["include_prior_dates"]) == (dag_id, run_id, prior)


def test_this_dag_and_this_run_by_name_are_here() -> None:
    ti, channel, _ = ti_with(("a", -1, "return_value", "1"), complete=("a",))
    assert ti.xcom_pull("a", dag_id="d", run_id="r") == 1
    assert channel.asked == []


def test_the_shape_follows_the_question() -> None:
    ti, _, _ = ti_with(("a", -1, "return_value", "1"), complete=("a",))
    assert ti.xcom_pull("a") == 1
    assert ti.xcom_pull(["a"]) == [1]
    assert ti.xcom_pull(iter(("a", "a"))) == [1, 1]
    assert ti.xcom_pull([]) == []


def test_mapped_tasks_give_a_list_in_order_and_one_index_gives_one_value() -> None:
    rows = [("m", 2, "return_value", '"c"'), ("m", 0, "return_value", '"a"'), ("m", 1, "return_value", '"b"')]
    ti, _, _ = ti_with(*rows, complete=("m",))
    assert ti.xcom_pull("m") == ["a", "b", "c"]
    assert ti.xcom_pull("m", map_indexes=1) == "b"
    assert ti.xcom_pull("m", map_indexes=[2, 0]) == ["c", "a"]
    assert ti.xcom_pull("m", map_indexes=[1]) == ["b"]
    assert ti.xcom_pull("m", map_indexes=7, default="none") == "none"


def test_what_it_pushed_itself_it_sees_at_once() -> None:
    ti, channel, journal = ti_with()
    ti.xcom_push("k", {"n": 1})
    ti.push_result("return_value", [1])
    assert ti.xcom_pull("me", key="k") == {"n": 1}
    assert ti.xcom_pull(key="k") == {"n": 1}
    assert ti.xcom_pull() == [1]
    assert channel.asked == []
    assert channel.told == [{"kind": "xcom", "key": "k", "value": '{"n":1}'}]
    assert journal.effects == [{"kind": "xcom", "key": "return_value", "value": "[1]"}]


def test_its_own_earlier_values_are_asked_for() -> None:
    ti, channel, _ = ti_with(rows=[("me", -1, "4")])
    assert ti.xcom_pull(key="k") == 4
    assert channel.asked[0]["task_ids"] == ["me"]


def test_a_branch_remembers_what_it_skips() -> None:
    ti, _, _ = ti_with()
    ti.skip_tasks(["b"])
    ti.skip_tasks(("a", "b"))
    assert ti.skips == ["a", "b"] and ti.is_branch
    assert ti.key == ("d", "me", "r", 1, -1)
