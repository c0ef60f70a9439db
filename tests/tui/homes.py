"""Homes whose databases hold what a page is to show, made through the store's own writer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.integration.store_kit import HOUR, NOW, ending, run_of, started, store
from tests.unit.planner.dsl import dag_of
from tui_flow.planner.decisions import MoveRun
from tui_flow.settings import Home
from tui_flow.state import AttemptState, RunState, TaskState
from tui_flow.store.writer import Writer

HOSTILE = ("a[b]", "run[/]", "[@click=app.quit()]x", "\x1b]52;c;aGk=\x07y", "\u202edlo")
"""Ids that steer a terminal or are markup; parsing refuses them, a database from elsewhere may hold them."""


def home_of(path: Path) -> Home:
    home = Home(path / "home")
    home.root.mkdir()
    return home


def fill(home: Home, *dag_ids: str, text: str = "a >> b >> c") -> None:
    """DAGs of which each has a run that failed at `a` and one that went well."""
    with Writer(home.database) as writer:
        for dag_id in dag_ids:
            spec = dag_of(text, dag_id=dag_id)
            store(writer, spec, file=f"{dag_id!a}.py")
            for nth, good in enumerate((False, True)):
                run = run_of(writer, spec, f"r{nth}", NOW + nth * HOUR)
                attempt = started(writer, run)
                new = TaskState.SUCCESS if good else TaskState.FAILED
                ended = AttemptState.SUCCESS if good else AttemptState.FAILED
                reason = None if good else "RuntimeError: no such table"
                writer.apply([ending(attempt, run, new, ended=ended, reason=reason)], NOW + nth * HOUR)
                state = RunState.SUCCESS if good else RunState.FAILED
                writer.apply([MoveRun(run, RunState.RUNNING, state)], NOW + nth * HOUR + timedelta(minutes=3))


def fail(home: Home, dag_id: str, run_id: str = "failed", text: str = "a >> b >> c") -> None:
    """One more run of a DAG that was filled, the newest, which failed at `a`."""
    with Writer(home.database) as writer:
        run = run_of(writer, dag_of(text, dag_id=dag_id), run_id, NOW + 2 * HOUR)
        attempt = started(writer, run)
        ended = ending(attempt, run, TaskState.FAILED, ended=AttemptState.FAILED, reason="RuntimeError: no such table")
        writer.apply([ended, MoveRun(run, RunState.RUNNING, RunState.FAILED)], NOW + 2 * HOUR)
