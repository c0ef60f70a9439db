"""DAGs for the pictures of the README: what a small shop runs, with one task that fails and one that takes long."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tui_flow import DAG, TaskGroup, task
from tui_flow.operators.hitl import ApprovalOperator

NOW = datetime.now(UTC)
ENTITIES = ("orders", "items", "refunds", "users")
GATE = Path(__file__).with_name("gate")
"""Once it is there, what runs may end."""


def work(seconds: float) -> None:
    """Takes about so long."""
    time.sleep(seconds * random.uniform(0.8, 1.25))


with DAG(
    "nightly_etl",
    schedule="0 2 * * *",
    start_date=NOW - timedelta(days=17),
    catchup=True,
    max_active_runs=3,
    tags=["etl"],
    doc_md="The shop's data of one day, into the warehouse.",
):

    @task
    def check_disk() -> None:
        print("412 GiB free")

    @task(retries=1, retry_delay=timedelta(milliseconds=300))
    def extract(entity: str, ds: str) -> str:
        print(f"fetching {entity} of {ds}")
        for page in range(34, 39):
            print(f"page {page} of 112: 200 rows")
            work(0.3)
        if entity == "refunds" and ds in BROKEN_DAYS:
            print("429 Too Many Requests, sleeping 2 s")
            raise ConnectionError("503 Service Unavailable: https://api.shop.example/refunds?page=38")
        return entity

    @task
    def clean(entity: str) -> str:
        work(0.9)
        return entity

    @task
    def build(name: str) -> None:
        work(0.6)
        print(f"{name}: 48211 rows")

    @task
    def publish() -> None:
        print("published")

    BROKEN_DAYS = {f"{NOW - timedelta(days=days):%Y-%m-%d}" for days in (0, 1, 8)}

    ready = check_disk()
    with TaskGroup("extracts"):
        extracted = [extract.override(task_id=entity)(entity) for entity in ENTITIES]
    with TaskGroup("cleaned"):
        cleaned = [clean.override(task_id=entity)(value) for entity, value in zip(ENTITIES, extracted, strict=True)]
    with TaskGroup("marts"):
        marts = [build.override(task_id=name)(name) for name in ("revenue", "funnel", "stock_plan")]
    ready >> extracted
    for mart in marts:
        cleaned >> mart
    marts >> publish()

with DAG("media_transcode", schedule=None, tags=["media"]):

    @task
    def find() -> list[str]:
        return [f"clip_{number:02}.mov" for number in range(9)]

    @task
    def transcode(clip: str) -> str:
        length = int(clip[5:7])
        for percent in range(0, 100, 5):
            print(f"{clip}: {percent} %, {2.1 + length / 10:.1f}x speed", flush=True)
            if length > 3 and percent > 40:
                while not GATE.exists():
                    time.sleep(0.1)
        return clip

    @task
    def index(clips: list[str]) -> None:
        print(f"{len(list(clips))} clips")

    index(transcode.expand(clip=find()))

with DAG("release", schedule=None, tags=["ops"]):

    @task
    def build_image() -> None:
        print("built shop:2.4")

    build_image() >> ApprovalOperator(task_id="approve", subject="Release 2.4 to production?")
