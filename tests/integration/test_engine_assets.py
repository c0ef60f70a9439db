"""DAGs that run because assets were updated, with a real scheduler and real tasks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.engine_kit import Engine
from tui_flow.state import RunState, RunType

PRODUCER = """
from tui_flow import DAG, Asset, AssetAlias, EmptyOperator, Metadata, task

a, b = Asset("a"), Asset("b", "file:///b")
alias = AssetAlias("x")

with DAG("make_a"):
    @task(outlets=[a], retries=1, retry_delay=0)
    def make(*, outlet_events, try_number, params):
        outlet_events[a].extra = {"try": try_number}
        if try_number == 1:
            raise RuntimeError("not yet")
        return 7
    make()

with DAG("make_b"):
    @task(outlets=[b])
    def make():
        yield Metadata(b, {"rows": 3})
    make()

with DAG("none"):
    @task(outlets=[a])
    def skips():
        from tui_flow import AirflowSkipException
        raise AirflowSkipException
    @task(outlets=[a])
    def fails():
        raise RuntimeError
    @task(outlets=[a])
    def has_a_bad_extra(*, outlet_events):
        outlet_events[a].extra["x"] = object()
    skips(), fails(), has_a_bad_extra()

with DAG("empty"):
    EmptyOperator(task_id="t", outlets=[a])

with DAG("through_alias"):
    @task(outlets=[alias])
    def add(**context):
        context["outlet_events"][alias].add(Asset("dynamic"), extra={"k": 2})
    add()
"""
BOTH = """
from tui_flow import DAG, Asset, BashOperator, task

a, b = Asset("a"), Asset("b", "file:///b")

with DAG("both", schedule=a & b):
    @task(inlets=[a])
    def read(*, inlet_events, triggering_asset_events, ds, dag_run):
        last = inlet_events[a][-1]
        return {
            "inlet": [last.extra, last.source_task_id, last.source_task_instance.xcom_pull()],
            "events": {key.name: [e.source_dag_id for e in events] for key, events in triggering_asset_events.items()},
            "run": triggering_asset_events["b"][0].source_dag_run.run_type,
            "ds": ds,
            "type": dag_run.run_type,
        }
    first = "(triggering_asset_events.values() | first | first).source_dag_id"
    read() >> BashOperator(task_id="say", bash_command="echo {{ %s }}" % first)
"""
EITHER = """
from tui_flow import DAG, Asset, EmptyOperator

with DAG("either", schedule=Asset("a") | Asset("b", "file:///b"), max_active_runs=1) as dag:
    EmptyOperator(task_id="t")
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine(tmp_path) as engine:
        engine.dag_file("producer.py", PRODUCER)
        yield engine


def knows(engine: Engine, *dag_ids: str) -> Engine:
    for dag_id in dag_ids:
        engine.until(lambda d=dag_id: engine.reads(lambda reader: reader.dag(d)), f"{dag_id} is parsed")  # type: ignore[misc]
    return engine


def extras(engine: Engine, name: str = "a") -> list[Any]:
    events = engine.reads(lambda reader: reader.asset_events({"name": name})) or []
    return [dict(event.extra) for event in events]


def triggered(engine: Engine, dag_id: str, count: int) -> None:
    def are_there() -> bool:
        runs = engine.runs(dag_id)
        return len(runs) == count and all(run.state is RunState.SUCCESS for run in runs)

    engine.until(are_there, f"{dag_id} has {count} runs that went well")


def test_both_assets_make_one_run_that_knows_why(engine: Engine) -> None:
    engine.dag_file("both.py", BOTH)
    knows(engine.start(), "both")
    engine.trigger("make_a")
    engine.wait_run("make_a")
    engine.trigger("make_b")
    triggered(engine, "both", 1)
    (run,) = engine.runs("both")
    assert run.run_type is RunType.ASSET_TRIGGERED and run.run_id.startswith("asset_triggered__")
    found = engine.xcom("both", "read")
    assert found.pop("ds") == f"{run.logical_date:%Y-%m-%d}"
    assert found == {
        "inlet": [{"try": 2}, "make", 7],
        "events": {"a": ["make_a"], "b": ["make_b"]},
        "run": "manual",
        "type": "asset_triggered",
    }
    assert engine.xcom("both", "say") == "make_a"
    rendered = engine.tuiflow("tasks", "render", "both", "say", "--run", run.run_id)
    assert "echo make_a" in rendered.stdout, rendered.stderr
    shown = json.loads(engine.tuiflow("runs", "show", "both", "--json").stdout)
    assert [update["by"] for update in shown["asset_updates"]] == ["make_a.make", "make_b.make"]
    assert extras(engine) == [{"try": 2}], "the first try, which failed, updated nothing"


def test_what_does_not_succeed_updates_nothing(engine: Engine) -> None:
    engine.dag_file("either.py", EITHER)
    knows(engine.start(), "either")
    engine.trigger("none")
    engine.wait_run("none")
    assert engine.states("none") == {"skips": "skipped", "fails": "failed", "has_a_bad_extra": "failed"}
    assert "not JSON" in str(engine.tis("none")["has_a_bad_extra"].reason)
    engine.trigger("empty")
    triggered(engine, "either", 1)
    assert extras(engine) == [{}]
    engine.ask("clear", dag_id="empty")
    triggered(engine, "either", 2)
    assert extras(engine) == [{}, {}], "a cleared task's success is an update again"


def test_a_paused_dag_runs_once_it_is_unpaused(engine: Engine) -> None:
    engine.dag_file("either.py", EITHER)
    knows(engine.start(), "either")
    engine.ask("pause_dag", dag_id="either", is_paused=True)
    for _ in range(2):
        engine.wait_run("empty", engine.trigger("empty"))
    assert engine.runs("either") == []
    engine.restart()
    engine.ask("pause_dag", dag_id="either", is_paused=False)
    triggered(engine, "either", 1)
    run = engine.runs("either")[0]
    assert len(engine.reads(lambda reader: reader.events_of_run(run.id)) or []) == 2


def test_an_update_that_met_a_dead_scheduler_makes_its_run_later(engine: Engine) -> None:
    engine.dag_file("either.py", EITHER)
    engine.dag_file(
        "slow.py",
        """
        from tui_flow import DAG, Asset, task
        import ledger
        with DAG("slow"):
            @task(outlets=[Asset("a")])
            def make():
                ledger.start("make")
                ledger.gate("make")
            make()
        """,
    )
    knows(engine.start(), "either")
    engine.trigger("slow")
    engine.wait_started("make")
    engine.kill_scheduler()
    engine.open_gate("make")
    engine.start()
    triggered(engine, "either", 1)
    assert extras(engine) == [{}]


def test_max_active_runs_keeps_the_queue(engine: Engine) -> None:
    engine.dag_file(
        "gated.py",
        """
        from tui_flow import DAG, Asset, task
        import ledger
        with DAG("gated", schedule=Asset("a"), max_active_runs=1):
            @task
            def work():
                ledger.start("work")
                ledger.gate("work")
            work()
        """,
    )
    knows(engine.start(), "gated")
    engine.trigger("empty")
    engine.wait_started("work")
    for _ in range(2):
        engine.wait_run("empty", engine.trigger("empty"))
    assert len(engine.runs("gated")) == 1
    engine.open_gate("work")
    triggered(engine, "gated", 2)


def test_aliases_and_asset_functions(engine: Engine) -> None:
    engine.dag_file(
        "derived.py",
        """
        from tui_flow import Asset, AssetAlias, asset

        @asset(schedule=AssetAlias("x"))
        def derived(self, triggering_asset_events):
            return [self.name, [events[0].asset.name for events in triggering_asset_events.values()]]

        @asset(schedule=derived)
        def again(derived, inlet_events):
            return [derived.uri, inlet_events[Asset.ref(name="derived")][-1].source_task_instance.xcom_pull()]
        """,
    )
    knows(engine.start(), "again")
    engine.trigger("through_alias")
    triggered(engine, "again", 1)
    assert engine.xcom("again", "again") == ["derived", ["derived", ["dynamic", "dynamic"]]]
    assert extras(engine, "dynamic") == [{"k": 2}]


def test_an_inlet_that_nobody_makes_fails_its_task(engine: Engine) -> None:
    engine.dag_file(
        "lonely.py",
        """
        from tui_flow import DAG, Asset, EmptyOperator
        with DAG("lonely"):
            EmptyOperator(task_id="reads", inlets=[Asset("nowhere"), Asset("a")])
        """,
    )
    engine.start().trigger("lonely")
    assert engine.wait_run("lonely") is RunState.FAILED
    reason = str(engine.tis("lonely")["reads"].reason)
    assert "AirflowInactiveAssetInInletOrOutletException" in reason and "'nowhere'" in reason and "'a'" not in reason


WATCHING = """
from tui_flow import DAG, Asset, AssetWatcher, EmptyOperator

class FileDeleteTrigger:
    filepath = {box!r}

here = Asset("here", "file://{file}", watchers=[AssetWatcher("here")])
with DAG("watching", schedule=here):
    EmptyOperator(task_id="t")
with DAG("emptying", schedule=Asset("box", watchers=[AssetWatcher("box", FileDeleteTrigger())])):
    EmptyOperator(task_id="t")
"""


def test_a_changed_file_updates_its_asset(engine: Engine, tmp_path: Path) -> None:
    file, box = tmp_path / "later" / "in.csv", tmp_path / "box"
    engine.dag_file("watching.py", WATCHING.format(file=file, box=str(box)))
    knows(engine.start(), "watching", "emptying")
    engine.until(lambda: engine.sql("SELECT 1 FROM asset_watch WHERE seen = ''")[1:], "both were looked for")
    file.parent.mkdir()
    file.write_text("1")
    triggered(engine, "watching", 1)
    file.with_name("other").write_text("unrelated")
    (tmp_path / "draft").write_text("2")
    (tmp_path / "draft").rename(file)
    triggered(engine, "watching", 2)
    engine.kill_scheduler()
    file.write_text("while nobody looked")
    box.write_text("a parcel")
    engine.start()
    triggered(engine, "watching", 3)
    triggered(engine, "emptying", 1)
    engine.until(lambda: not box.exists(), "the box is emptied")
    file.unlink()
    file.write_text("back")
    triggered(engine, "watching", 4)
    engine.restart()
    engine.wait_run("empty", engine.trigger("empty"))
    assert (len(engine.runs("watching")), len(engine.runs("emptying"))) == (4, 1)


def test_a_folder_that_went_away_is_watched_again(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "folder" / "in.csv"
    file.parent.mkdir()
    engine.dag_file("watching.py", WATCHING.format(file=file, box=str(tmp_path / "box")))
    knows(engine.start(), "watching")
    engine.until(lambda: engine.sql("SELECT 1 FROM asset_watch WHERE seen = ''")[1:], "both were looked for")
    file.parent.rename(tmp_path / "elsewhere")
    file.parent.mkdir()
    (tmp_path / "whole").write_text("1")
    (tmp_path / "whole").rename(file)  # at once: an empty file that is looked at meanwhile would be a change of its own
    triggered(engine, "watching", 1)


def test_assets_or_time(engine: Engine) -> None:
    engine.dag_file(
        "timed.py",
        """
        from tui_flow import DAG, Asset, AssetOrTimeSchedule, CronDataIntervalTimetable, task
        yearly = CronDataIntervalTimetable("0 0 1 1 *", "UTC")
        with DAG("timed", schedule=AssetOrTimeSchedule(timetable=yearly, assets=[Asset("a")])):
            @task
            def t(**context):
                return list(context["triggering_asset_events"])
            t()
        """,
    )
    knows(engine.start(), "timed")
    dag = engine.reads(lambda reader: reader.dag("timed"))
    assert dag is not None and dag.next_run_after is not None
    engine.wait_run("timed", engine.trigger("timed"))
    assert engine.xcom("timed", "t") == [], "a manual run was triggered by nothing"
    engine.trigger("empty")
    triggered(engine, "timed", 2)
    assert engine.runs("timed")[0].run_type is RunType.ASSET_TRIGGERED


def test_airflow_files_mean_what_they_mean_there(engine: Engine) -> None:
    engine.dag_file(
        "two.py",
        """
        from airflow import DAG
        from airflow.datasets import Dataset
        from airflow.decorators import task
        with DAG("two", schedule=[Dataset("s3://b/k")], is_paused_upon_creation=False):
            @task
            def read(**context):
                events = context["triggering_dataset_events"]
                return [list(events), context["ds"] is not None, events["s3://b/k"][0].source_dag_run.run_type]
            read()
        with DAG("two_makes", schedule=None, is_paused_upon_creation=False):
            @task(outlets=[Dataset("s3://b/k")])
            def make(): ...
            make()
        """,
    )
    engine.dag_file(
        "three.py",
        """
        from airflow.sdk import Asset, asset

        @asset(schedule=Asset("s3://b/k"), is_paused_upon_creation=False)
        def three(context):
            return context["dag_run"].data_interval_start == context["dag_run"].data_interval_end
        """,
    )
    knows(engine.start(), "two", "three")
    engine.trigger("two_makes")
    triggered(engine, "two", 1)
    triggered(engine, "three", 1)
    assert engine.xcom("two", "read") == [["s3://b/k"], True, "manual"]
    assert engine.runs("two")[0].run_id.startswith("dataset_triggered__")
    assert engine.xcom("three", "three") is True
