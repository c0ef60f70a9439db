"""The contract of every executor, when attempts, hosts, launchers or the executor itself die."""

from __future__ import annotations

import os
import shutil
import signal

from tests.integration.executor_kit import Stage, claim_of
from tests.integration.executors.stage import (
    ODD_FILE,
    NewStage,
    is_alive,
    open_gate,
    start_waiting,
    write_odd,
)
from tui_flow import journal
from tui_flow.state import AttemptState

A = AttemptState


# What dies on the way


def test_the_attempt_dies(new_stage: NewStage) -> None:
    stage = new_stage()
    attempt_id = start_waiting(stage)
    os.kill(claim_of(stage, attempt_id)["pid"], signal.SIGKILL)
    report = stage.wait_end(attempt_id)
    assert (report.state, report.signal) == (A.FAILED, signal.SIGKILL)


def test_the_host_dies_and_the_attempt_goes_on(new_stage: NewStage) -> None:
    stage = new_stage()
    attempt_id = start_waiting(stage)
    os.kill(claim_of(stage, attempt_id)["host"], signal.SIGKILL)
    stage.turn_for(1.5)
    assert stage.ends(attempt_id) == []
    assert stage.executor.slots() == stage.executor.parallelism - 1, "it still has its slot"
    open_gate(stage, "waits")
    report = stage.wait_end(attempt_id)
    assert report.state == A.SUCCESS and [effect["value"] for effect in report.effects] == ['"waited"']
    stage.turn_for(0.1)
    assert len(stage.ends(attempt_id)) == 1 and stage.executor.slots() == stage.executor.parallelism


def test_an_attempt_without_a_host_can_be_stopped(new_stage: NewStage) -> None:
    stage = new_stage()
    attempt_id = start_waiting(stage)
    host = claim_of(stage, attempt_id)["host"]
    os.kill(host, signal.SIGKILL)
    stage.until(lambda: not is_alive(host) or not stage.executor.hosts(), "the host is gone")
    stage.turn_for(0.1)
    stage.executor.stop(attempt_id, "killed by ada")
    assert stage.wait_end(attempt_id).state == A.KILLED


def test_the_launcher_dies(new_stage: NewStage) -> None:
    stage = new_stage()
    assert stage.run("good").state == A.SUCCESS
    first = stage.launcher.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    stage.until(lambda: stage.launcher.pid != first, "another launcher is there")
    assert stage.run("good").state == A.SUCCESS, "warm hosts outlive it"
    stage.write("e.py", ODD_FILE.format(base=str(stage.base)))
    assert stage.run("a", "e.py").state == A.SUCCESS


def test_the_launcher_dies_while_a_host_imports(new_stage: NewStage) -> None:
    """Two processes then say that they are the same host: the first serves, the other goes."""
    stage = new_stage()
    write_odd(stage, "hang")
    parsed = set(stage.base.glob("importing.*"))

    def importing() -> list[str]:
        return [path.suffix for path in stage.base.glob("importing.*") if path not in parsed]

    attempt_id = stage.submit("a", "e.py")
    stage.until(importing, "the file is being imported")
    (first,) = importing()
    assert stage.launcher.pid is not None
    os.kill(stage.launcher.pid, signal.SIGKILL)
    stage.until(lambda: len(importing()) == 2, "another host imports it too")
    (stage.base / "busy").touch()
    (stage.base / f"go{first}").touch()
    stage.wait_running(attempt_id)
    (stage.base / "hang").unlink()
    stage.until(lambda: len(stage.host_pids) == 2, "both have said hello")
    stage.turn_for(0.1)
    os.kill(claim_of(stage, attempt_id)["host"], signal.SIGKILL)
    (stage.base / "busy").unlink()
    assert stage.wait_end(attempt_id).state == A.SUCCESS, "it is noticed that the one that serves has died"
    assert stage.run("a", "e.py").state == A.SUCCESS
    assert len(stage.ends(attempt_id)) == 1


def test_no_room_for_a_rescuer_is_nobodys_end(stage: Stage) -> None:
    stage.executor.receive({"kind": "no_room", "host_id": "rescue-7", "mode": "rescue", "message": "cannot fork"})
    stage.until(lambda: stage.executor.slots() > 0, "the pause is over")
    assert stage.run("good").state == A.SUCCESS


# Who goes, and who comes after


def test_what_runs_outlives_the_executor_and_is_adopted_by_the_next(new_stage: NewStage) -> None:
    first = new_stage()
    attempt_id = start_waiting(first)
    pid = claim_of(first, attempt_id)["pid"]
    first.close()
    second = new_stage()
    second.adopt(first, attempt_id)
    report = second.wait_running(attempt_id)
    assert report.pid == pid, "what it is and since when is known at once"
    second.until(lambda: any(host["attempts"] for host in second.executor.hosts()), "its host has come back")
    assert second.executor.slots() == second.executor.parallelism - 1
    open_gate(second, "waits")
    assert second.wait_end(attempt_id).state == A.SUCCESS
    assert second.run("good").state == A.SUCCESS, "the host serves on"
    assert len(second.host_pids) == 1
    assert second.ends(attempt_id)[0].effects


def test_what_ended_meanwhile_is_read_from_its_journal(new_stage: NewStage) -> None:
    first = new_stage()
    attempt_id = start_waiting(first)
    pid = claim_of(first, attempt_id)["pid"]
    first.close()
    open_gate(first, "waits")
    first.wait_process_end(pid)
    second = new_stage()
    second.adopt(first, attempt_id)
    assert second.wait_end(attempt_id).state == A.SUCCESS
    second.turn_for(0.3)
    assert len(second.ends(attempt_id)) == 1


def test_what_never_started_is_void_and_what_an_earlier_boot_ran_is_lost(new_stage: NewStage) -> None:
    stage = new_stage()
    for attempt_id in (501, 502):
        journal.create(stage.home.journal / str(attempt_id))
    stage.executor.watch(501, stage.home.logs / "501.log", same_boot=True)
    stage.executor.watch(502, stage.home.logs / "502.log", same_boot=False)
    stage.executor.watch(503, stage.home.logs / "503.log", same_boot=True)  # its journal was never made
    assert stage.wait_end(501).state == A.VOID
    assert stage.wait_end(502).state == A.LOST
    assert stage.wait_end(503).state == A.VOID
    assert journal.supervise(str(stage.home.journal / "501")) is None


def test_idle_hosts_go_and_come_again(new_stage: NewStage) -> None:
    stage = new_stage(host_idle_s=0.0)
    assert stage.run("good").state == A.SUCCESS
    (first,) = stage.host_pids
    stage.until(lambda: not stage.executor.hosts(), "the host was evicted")
    stage.until(lambda: not is_alive(first) or first not in stage.processes(), "it has ended")
    assert stage.run("good").state == A.SUCCESS
    assert len(stage.host_pids) == 2


def test_a_host_that_works_is_not_evicted(new_stage: NewStage) -> None:
    stage = new_stage(host_idle_s=0.0, max_warm_hosts=0)
    attempt_id = start_waiting(stage)
    stage.turn_for(0.1)
    assert [host["attempts"] for host in stage.executor.hosts()] == [1]
    open_gate(stage, "waits")
    assert stage.wait_end(attempt_id).state == A.SUCCESS


def test_a_prepared_host_is_warm_before_anything_runs(new_stage: NewStage) -> None:
    stage = new_stage()
    work = stage.workload("good")
    stage.executor.prepare(work.file, work.source_version)
    stage.until(lambda: any(host["ready"] for host in stage.executor.hosts()), "the host is ready")
    stage.executor.submit(work)
    assert stage.wait_end(work.attempt_id).state == A.SUCCESS
    assert len(stage.host_pids) == 1


def test_no_descriptor_is_left_behind(new_stage: NewStage) -> None:
    stage = new_stage()
    assert stage.run("good").state == A.SUCCESS
    assert stage.run("shell_too_long", is_shell=True).state == A.FAILED
    (host,) = stage.host_pids

    def open_in(pid: int | str) -> int:
        return len(os.listdir(f"/proc/{pid}/fd"))

    here, there = open_in("self"), open_in(host)
    for _ in range(5):
        stage.run("good")
        stage.run("bad")
        stage.run("shell", is_shell=True)
        stage.run("shell_too_long", is_shell=True)
    assert (open_in("self"), open_in(host)) == (here, there)


def test_the_homes_folders_are_all_it_needs(new_stage: NewStage) -> None:
    """Logs that were removed are made anew."""
    stage = new_stage()
    shutil.rmtree(stage.home.logs)
    assert stage.run("good").state == A.SUCCESS
