"""The home that the stored screens show: always the same, to the second."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.unit.planner.dsl import dag_of
from tui_flow.logs import Level, Source, log_path, stamp
from tui_flow.messages import Report
from tui_flow.planner.decisions import CreateRun, FinishAttempt, LaunchAttempt, MoveRun, MoveTask, StartAttempt
from tui_flow.records import ConnectionRow, Dag, Pool, TaskInstanceKey
from tui_flow.settings import Home
from tui_flow.spec import DagSpec
from tui_flow.state import AttemptState, RunState, RunType, TaskState
from tui_flow.store.write_dags import Placement
from tui_flow.store.writer import Writer
from tui_flow.timetables import CronTriggerTimetable

AT = datetime(2026, 11, 20, 14, 2, 30, tzinfo=UTC)
"""What the clock says."""
DAY = timedelta(days=1)
TODAY = AT.replace(hour=2, minute=0, second=0)
NIGHTLY = CronTriggerTimetable("0 2 * * *", timezone="UTC").to_dict()
DOC = "# Orders\n\nLoads **all** orders.\n\n- from the shop\n- from the *refunds* service\n"

ETL = dag_of(
    "start >> [extract_orders, extract_refunds] >> load >> [report, tidy]",
    dag_id="nightly_etl",
    file="nightly_etl.py",
    description="Orders and refunds of the day",
    doc=DOC,
    tags=("etl", "core"),
    timetable=NIGHTLY,
    start_date=TODAY - 30 * DAY,
    params={"day": {"type": "string", "default": "today", "description": "which day"}},
    tasks={"extract_refunds": {"operator": "@task", "retries": 0, "doc": "Asks the *refunds* service."}},
)
PHOTOS = dag_of("scan >> copy >> index", dag_id="photos_sync", file="photos_sync.py", tags=("home",))
RELEASE = dag_of("build >> approve >> publish", dag_id="release", file="release.py")
OLD = dag_of("only", dag_id="old_reports", file="old_reports.py", timetable=NIGHTLY)
PAGE_38 = "HTTPError: 503 Service Unavailable for url: https://api.shop.example/refunds?page=38"


def make_home(root: Path) -> Home:
    home = Home(root)
    (root / "dags").mkdir(parents=True)
    for spec in (ETL, PHOTOS, RELEASE, OLD):
        (root / "dags" / spec.file).write_text(f'"""{spec.dag_id}"""\n\nfrom tui_flow import DAG\n')
    (root / "dags" / "new_scraper.py").write_text("from tui_flow import DAG\nimport requests\nimport bs4\n")
    with Writer(home.database) as writer:
        for spec in (ETL, PHOTOS, RELEASE, OLD):
            files = {spec.file: "0" * 16}
            writer.store_parsed(spec.file, [spec], f"source-{spec.dag_id}", files, TODAY - 9 * DAY, _place)
        writer.store_import_error("new_scraper.py", "ModuleNotFoundError: No module named 'bs4'", 3, AT - DAY / 24)
        for days in range(6, 0, -1):
            _run(home, writer, ETL, TODAY - days * DAY, dict.fromkeys(ETL.by_id, TaskState.SUCCESS), days)
        failed = {"start": TaskState.SUCCESS, "extract_orders": TaskState.SUCCESS, "extract_refunds": TaskState.FAILED}
        _run(home, writer, ETL, TODAY, failed, 5)
        _run(home, writer, PHOTOS, AT - DAY / 720, {"scan": TaskState.SUCCESS, "copy": TaskState.RUNNING}, 1)
        _asks(home, writer)
        _keep(writer)
    return home


def _place(spec: DagSpec, _known: Dag | None) -> Placement:
    is_nightly = spec.timetable == NIGHTLY
    coming = TODAY + DAY if spec is ETL or spec.dag_id == ETL.dag_id else None
    return Placement(coming, "0 2 * * *" if is_nightly else "by hand", is_paused=spec.dag_id == OLD.dag_id)


def _run(
    home: Home, writer: Writer, spec: DagSpec, date: datetime, ended: Mapping[str, TaskState], minutes: int
) -> int:
    """A run whose tasks took so many minutes each, one after the other; it ends where all of them have."""
    kind = RunType.SCHEDULED if spec is ETL else RunType.MANUAL
    run_id = f"{kind}__{date:%Y-%m-%dT%H:%M:%S}+00:00"
    source = f"source-{spec.dag_id}"
    ((_, run),) = writer.apply(
        [CreateRun(spec.dag_id, run_id, kind, date, date - DAY, date, date, spec.version, source)], date
    ).created
    writer.apply([MoveRun(run, RunState.QUEUED, RunState.RUNNING)], date)
    for task_id, state in ended.items():
        _attempt(home, writer, spec, run, run_id, task_id, state, date, minutes)
        date += timedelta(minutes=minutes)
    if TaskState.FAILED in ended.values():
        rest = [task_id for task_id in spec.by_id if task_id not in ended]
        moves = [
            MoveTask(TaskInstanceKey(run, name), TaskState.NONE, TaskState.UPSTREAM_FAILED, 0, "extract_refunds failed")
            for name in rest
        ]
        writer.apply([*moves, MoveRun(run, RunState.RUNNING, RunState.FAILED, "task_failure")], date)
    elif len(ended) == len(spec.tasks):
        writer.apply([MoveRun(run, RunState.RUNNING, RunState.SUCCESS)], date)
    return run


def _attempt(
    home: Home,
    writer: Writer,
    spec: DagSpec,
    run: int,
    run_id: str,
    task_id: str,
    state: TaskState,
    at: datetime,
    minutes: int,
) -> int:
    key = TaskInstanceKey(run, task_id)
    writer.apply([MoveTask(key, TaskState.NONE, TaskState.SCHEDULED, 0)], at)
    ((_, attempt),) = writer.apply([LaunchAttempt(key, 0, 1, f"source-{spec.dag_id}")], at).launched
    writer.apply([StartAttempt(attempt, key, at, pid=1)], at)
    _log(home, spec.dag_id, run_id, task_id, at, state)
    if state is not TaskState.RUNNING:
        is_good = state is TaskState.SUCCESS
        ended = AttemptState.SUCCESS if is_good else AttemptState.FAILED
        end = at + timedelta(minutes=minutes)
        report = Report(
            attempt,
            ended,
            end.isoformat(),
            exit_code=int(not is_good),
            max_rss_bytes=20 << 20,
            cpu_s=0.5,
            reason=None if is_good else PAGE_38,
            effects=({"kind": "xcom", "key": "return_value", "value": f'"{task_id}"'},) if is_good else (),
        )
        writer.apply([FinishAttempt(attempt, key, 1, ended, TaskState.RUNNING, state, report)], end)
    return attempt


def _log(home: Home, dag_id: str, run_id: str, task_id: str, at: datetime, state: TaskState) -> None:
    lines = [(f"{dag_id}.{task_id} run {run_id} try 1", Level.INFO)]
    lines += [(f"fetching page {page} of 112", Level.INFO) for page in range(30, 39)]
    lines += [(PAGE_38, Level.ERROR)] if state is TaskState.FAILED else []
    path = log_path(home.logs, dag_id, run_id, task_id, -1, 1)
    path.parent.mkdir(parents=True)
    start_ns = int(at.timestamp()) * 1_000_000_000
    path.write_bytes(
        b"".join(
            stamp(text, Source.STDOUT, level, at_ns=start_ns + nth * 1_000_000_000)
            for nth, (text, level) in enumerate(lines)
        )
    )


def _asks(home: Home, writer: Writer) -> None:
    """A run that waits for a person."""
    at = AT - DAY / 24
    run = _run(home, writer, RELEASE, at, {"build": TaskState.SUCCESS, "approve": TaskState.RUNNING}, 3)
    ti = TaskInstanceKey(run, "approve")
    (attempt,) = [row.id for row in writer.reads.attempts(ti)]
    since = at + timedelta(minutes=4)
    report = Report(attempt, AttemptState.DEFERRED, since.isoformat(), resume={"id": attempt})
    waits = TaskState.AWAITING_INPUT
    writer.apply([FinishAttempt(attempt, ti, 1, AttemptState.DEFERRED, TaskState.RUNNING, waits, report)], since)
    asked = {"subject": "Ship 1.4?", "body": "All checks passed.", "options": ["Yes", "No"], "defaults": None}
    rest = {"multiple": False, "params": {}, "assigned_users": [], "timeout_s": None}
    writer.ask_for_input(attempt, ti, asked | rest, since)


def _keep(writer: Writer) -> None:
    writer.set_pool(Pool("net", 8, False, "what the line can take"))
    writer.set_variable("region", "eu-west", "where", AT - DAY)
    writer.set_connection(ConnectionRow("lake", "postgres", "db.example", "etl", "pw", "main", 5432), AT - DAY)
