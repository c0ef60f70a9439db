"""`tuiflow assets`, and what other commands say of DAGs that wait for assets."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli_home import NOW, as_json, tuiflow
from tests.unit.planner.dsl import dag_of
from tui_flow.cli.app import run
from tui_flow.sdk.asset import Asset, AssetAlias, BaseAsset
from tui_flow.settings import Home
from tui_flow.spec import DagSpec
from tui_flow.store.write_dags import Placement
from tui_flow.store.writer import Writer
from tui_flow.timetables import AssetTriggeredTimetable

Output = pytest.CaptureFixture[str]
ORDERS, RATES = Asset("orders", "file:///orders.csv", extra={"team": "red"}), Asset("rates")


def waiting(dag_id: str, schedule: BaseAsset, **more: Any) -> DagSpec:
    timetable = AssetTriggeredTimetable(schedule.describe())
    return dag_of("t", dag_id=dag_id, file=f"{dag_id}.py", timetable=timetable.to_dict(), **more)


def making(dag_id: str, *outlets: BaseAsset) -> DagSpec:
    told = tuple(outlet.describe() for outlet in outlets)
    return dag_of("t", dag_id=dag_id, file=f"{dag_id}.py", tasks={"t": {"outlets": told}})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(Path(os.environ["TUIFLOW_HOME"]))
    specs = (
        waiting("report", ORDERS & RATES),
        waiting("either", ORDERS | AssetAlias("x")),
        making("shop", ORDERS),
        making("shop2", ORDERS, Asset("only")),
    )
    with Writer(found.database) as writer:
        for spec in specs:
            placement = Placement(None, "orders & rates", is_paused=spec.dag_id == "either")
            writer.store_parsed(spec.file, [spec], "s1", {}, NOW, lambda _spec, _known, p=placement: p)  # type: ignore[misc]
    return found


def test_the_list(home: Home, capsys: Output) -> None:
    rows = {row["name"]: row for row in as_json(capsys, "assets", "list")}
    assert rows.keys() == {"orders", "rates", "only"}
    assert (rows["orders"]["made_by"], rows["orders"]["awaited_by"]) == (["shop", "shop2"], ["either", "report"])
    assert (rows["rates"]["made_by"], rows["rates"]["last_update"]) == ([], None)


def test_an_update_by_hand_is_queued_and_shown(home: Home, capsys: Output) -> None:
    told = as_json(capsys, "assets", "event", "orders", "--extra", '{"rows": 1}', "-p", "day=today")
    assert told == {"name": "orders", "uri": "file:///orders.csv", "queued_for": ["either", "report"]}
    shown = as_json(capsys, "assets", "show", "file:///orders.csv")
    (update,) = shown["updates"]
    assert (update["by"], update["run_id"], update["extra"]) == ("hand", None, {"rows": 1, "day": "today"})
    assert shown["extra"] == {"team": "red"}
    assert (shown["made_by"], shown["read_by"]) == (["shop.t", "shop2.t"], [])
    queue = {row["dag_id"]: (row["still_waits_for"], row["is_paused"]) for row in shown["awaited_by"]}
    assert queue == {"either": (["alias x"], True), "report": (["rates"], False)}
    assert all(row["updated_at"] for row in shown["awaited_by"])
    assert run(["assets", "show", "orders"]) == 0
    out = capsys.readouterr().out
    assert "DAGs that wait for it" in out and "last updates" in out and "rates" in out


def test_what_a_dag_waits_for_is_told_everywhere(home: Home, capsys: Output) -> None:
    run(["assets", "event", "rates"])
    capsys.readouterr()
    assert run(["dags", "next", "report"]) == 0
    assert "waits for updates of orders; updated since its last run: rates at" in capsys.readouterr().err
    shown = as_json(capsys, "dags", "show", "report")
    assert (shown["runs"], shown["waits_for"]) == ("when orders and rates were updated", ["orders"])
    assert any("waits for updates of orders" in reason for reason in as_json(capsys, "why", "report")["reasons"])
    reasons = as_json(capsys, "why", "either")["reasons"]
    assert any("paused" in reason for reason in reasons) and any("orders, alias x" in reason for reason in reasons)
    run(["assets", "event", "orders"])
    assert any("so that it is due" in reason for reason in as_json(capsys, "why", "report")["reasons"])
    assert any("tuiflow trigger shop" in reason for reason in as_json(capsys, "why", "shop")["reasons"])
    assert run(["why", "report"]) == 0
    assert capsys.readouterr().out.startswith("report\n  no scheduler is running")


def test_materialize_runs_what_makes_it(home: Home, capsys: Output) -> None:
    made = as_json(capsys, "assets", "materialize", "only")
    assert made["dag_id"] == "shop2" and made["run_id"].startswith("manual__")
    assert run(["assets", "materialize", "orders", "--dag", "shop", "-p", "a=1"]) == 0
    dag_id, run_id = capsys.readouterr().out.split()
    with Writer(home.database) as writer:
        found = writer.reads.run(dag_id, run_id)
    assert found is not None and found.conf == {"a": 1} and found.triggered_by == "asset orders"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("assets show order", "no asset 'order'; did you mean 'orders'"),
        ("assets event nothing", "no asset 'nothing'; `tuiflow assets list`"),
        ("assets event orders --extra [1]", "--extra must be a JSON object"),
        ("assets materialize rates", "no DAG makes the asset 'rates'; `tuiflow assets event`"),
        ("assets materialize orders", "several DAGs make the asset 'orders': shop, shop2; name one with --dag"),
        ("assets materialize orders --dag report", "'report' does not make the asset 'orders'"),
    ],
)
def test_what_cannot_be_is_one_line(home: Home, capsys: Output, words: str, message: str) -> None:
    assert run(words.split()) in (1, 2)
    captured = capsys.readouterr()
    assert message in captured.err and "Traceback" not in captured.err and not captured.out


def test_one_uri_of_two_assets_needs_a_name(home: Home, capsys: Output) -> None:
    spec = making("other", Asset("second", "file:///orders.csv"))
    with Writer(home.database) as writer:
        writer.store_parsed(spec.file, [spec], "s1", {}, NOW, lambda *_: Placement(None, "", is_paused=False))
    assert run(["assets", "show", "file:///orders.csv"]) == 2
    assert "several assets have the URI 'file:///orders.csv': orders, second" in capsys.readouterr().err


def test_clean_removes_old_updates(home: Home, capsys: Output) -> None:
    for _ in range(2):
        run(["assets", "event", "only"])
    capsys.readouterr()
    assert run(["db", "clean", "--before", "now", "--dry-run"]) == 0
    assert "0 runs, 1 update of assets, " in capsys.readouterr().err
    assert run(["db", "clean", "--before", "now", "-y"]) == 0
    assert "deleted 0 runs, 1 update of assets, " in capsys.readouterr().err
    assert len(as_json(capsys, "assets", "show", "only")["updates"]) == 1


def test_names_are_completed(home: Home) -> None:
    environ = {"_TUIFLOW_COMPLETE": "complete_bash", "COMP_WORDS": "tuiflow assets show o", "COMP_CWORD": "3"}
    assert tuiflow(**environ).stdout.split() == ["only", "orders"]


def test_an_empty_home_says_where_assets_come_from(tmp_path: Path, capsys: Output) -> None:
    with Writer(Home(Path(os.environ["TUIFLOW_HOME"])).database):
        pass
    assert run(["assets", "list"]) == 0
    assert "outlets of its tasks" in capsys.readouterr().err
