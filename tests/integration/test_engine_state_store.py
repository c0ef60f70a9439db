"""Tasks that keep values from one try to the next, and on assets from one run to the next."""

from __future__ import annotations

from pathlib import Path

from tests.integration.engine_kit import Engine
from tui_flow.records import DagRun
from tui_flow.state import RunState

FILE = """
from datetime import timedelta
from airflow.sdk import DAG, Asset, task
from airflow.sdk.execution_time.context import NEVER_EXPIRE

with DAG("tries"):
    @task(retries=1, retry_delay=timedelta(0))
    def job(n, task_state_store=None, ti=None):
        if ti.try_number == 1:
            task_state_store.set("id", [n], retention=NEVER_EXPIRE)
            task_state_store.set("gone", 1)
            task_state_store.set("short", 1, retention=timedelta(0))
            task_state_store.delete("gone")
            raise RuntimeError("not yet")
        return [task_state_store.get(key) for key in ("id", "gone", "short")]

    @task
    def sees_nothing(task_state_store=None):
        return task_state_store.get("id", default="nothing")

    job.expand(n=[5, 6]) >> sees_nothing()

kept = Asset("kept")
with DAG("runs"):
    @task(inlets=[kept], outlets=[kept])
    def count(**context):
        store = context["asset_state_store"]
        store.set("count", store[kept].get("count", default=0) + 1)
        return store.get("count")

    @task
    def has_none(asset_state_store=None):
        return asset_state_store is None

    count() >> has_none()
"""


def _ended(engine: Engine, dag_id: str) -> DagRun:
    engine.until(lambda: engine.reads(lambda reader: reader.dag(dag_id)), f"{dag_id} is parsed")
    run_id = engine.trigger(dag_id)
    assert engine.wait_run(dag_id, run_id) is RunState.SUCCESS
    return engine.run(dag_id, run_id)


def _values(engine: Engine, run: int) -> dict[tuple[str, int], str]:
    rows = engine.reads(lambda reader: reader.xcoms(run)) or []
    return {(row.task_id, row.map_index): row.value for row in rows if row.key == "return_value"}


def test_tries_share_values_and_runs_share_those_of_assets(tmp_path: Path) -> None:
    with Engine(tmp_path) as engine:
        engine.dag_file("stores.py", FILE)
        engine.start()
        run = _ended(engine, "tries")
        assert _values(engine, run.id) == {
            ("job", 0): "[[5],null,null]",
            ("job", 1): "[[6],null,null]",
            ("sees_nothing", -1): '"nothing"',
        }
        for count in ("1", "2"):
            run = _ended(engine, "runs")
            assert _values(engine, run.id) == {("count", -1): count, ("has_none", -1): "true"}
