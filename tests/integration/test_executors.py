"""The contract of every executor: what is submitted ends exactly once, whatever happens on the way."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.integration.executor_kit import Stage, claim_of
from tui_flow import journal
from tui_flow.executors.local import LocalExecutor
from tui_flow.executors.sequential import SequentialExecutor
from tui_flow.state import AttemptState

A = AttemptState
EXECUTORS = [LocalExecutor, SequentialExecutor]
NewStage = Callable[..., Stage]

DAG_FILE = """
import os, signal, sys, time
from tui_flow import DAG, task
from tui_flow.operators.bash import BashOperator

BASE = {base!r}

def note(name, text="x"):
    with open(f"{{BASE}}/{{name}}.part", "w") as file:
        file.write(text)
    os.rename(f"{{BASE}}/{{name}}.part", f"{{BASE}}/{{name}}")

def gate(name):
    while not os.path.exists(f"{{BASE}}/open.{{name}}"):
        time.sleep(0.01)

with DAG("d", schedule=None) as dag:
    @task
    def good():
        return 42

    @task
    def bad():
        raise ValueError("bad row")

    @task
    def waits(ti=None):
        note(f"waits.{{os.path.basename(os.environ['TUIFLOW_ATTEMPT'])}}", str(os.getpid()))
        gate("waits")
        return "waited"

    @task
    def stubborn():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        note("stubborn", str(os.getpid()))
        gate("stubborn")

    good(), bad(), waits(), stubborn()
    BashOperator(task_id="shell", bash_command="echo one; echo last")
    BashOperator(task_id="shell_padded", bash_command="echo one; echo '  last  '")
    BashOperator(task_id="shell_blank", bash_command="echo one; echo")
    BashOperator(task_id="shell_fails", bash_command="exit 3")
    BashOperator(task_id="shell_skips", bash_command="exit 99")
    BashOperator(
        task_id="shell_waits",
        bash_command=f"echo $$ >{{BASE}}/shell; until [ -e {{BASE}}/open.shell ]; do sleep 0.02; done",
    )
    BashOperator(task_id="shell_too_long", bash_command="echo " + "x" * 200_000)
    BashOperator(task_id="shell_pulls", bash_command="echo {{{{ ti.xcom_pull('good') }}}}")
"""

ODD_FILE = """
import os, time
from tui_flow import DAG, task

BASE = {base!r}
open(f"{{BASE}}/importing.{{os.getpid()}}", "w").close()
if os.path.exists(BASE + "/break"):
    raise ImportError("gone")
if os.path.exists(BASE + "/exit"):
    os._exit(7)
while os.path.exists(BASE + "/hang") and not os.path.exists(f"{{BASE}}/go.{{os.getpid()}}"):
    time.sleep(0.01)
with DAG("e", schedule=None):
    @task
    def a():
        while os.path.exists(BASE + "/busy"):
            time.sleep(0.01)
        return 1

    a()
"""
"""Its import goes wrong as the files say that lie in BASE."""


@pytest.fixture(params=EXECUTORS, ids=["local", "sequential"], scope="module")
def kind(request: pytest.FixtureRequest) -> type[LocalExecutor]:
    found: type[LocalExecutor] = request.param
    return found


def open_stage(base: Path, kind: type[LocalExecutor], **options: Any) -> Stage:
    base.mkdir(exist_ok=True)
    os.environ["EXECUTOR_TEST"] = str(base)
    stage = Stage(base, kind, **options)
    if stage.dags is not None:
        stage.write("d.py", DAG_FILE.format(base=str(base)))
    return stage


@pytest.fixture(scope="module")
def stage(kind: type[LocalExecutor], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One for all tests that leave it as it was."""
    with open_stage(tmp_path_factory.mktemp("stage"), kind) as found:
        yield found


@pytest.fixture
def new_stage(kind: type[LocalExecutor], tmp_path: Path) -> Iterator[NewStage]:
    """Stages of one home of this test, for what breaks things."""
    with ExitStack() as stages:

        def open_another(**options: Any) -> Stage:
            return stages.enter_context(open_stage(tmp_path / "stage", kind, **options))

        yield open_another


def open_gate(stage: Stage, name: str) -> None:
    (stage.base / f"open.{name}").touch()


def write_odd(stage: Stage, problem: str) -> None:
    """A file whose next import goes wrong."""
    stage.write("e.py", ODD_FILE.format(base=str(stage.base)))
    (stage.base / problem).touch()


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def start_waiting(stage: Stage) -> int:
    """An attempt whose task has begun and waits."""
    attempt_id = stage.submit("waits")
    stage.wait_file(f"waits.{attempt_id}")
    stage.wait_running(attempt_id)
    return attempt_id


# What is submitted ends


def test_a_task_begins_and_ends_and_its_value_comes_along(stage: Stage) -> None:
    attempt_id = stage.submit("good")
    report = stage.wait_end(attempt_id)
    assert stage.states(attempt_id) == ["running", "success"]
    assert [effect["value"] for effect in report.effects] == ["42"]
    assert report.pid and report.started_at and report.cpu_s is not None and report.callbacks_done


@pytest.mark.parametrize(
    ("task_id", "state", "reason"),
    [
        ("bad", A.FAILED, "ValueError: bad row"),
        ("shell_fails", A.FAILED, "exit code 3"),
        ("shell_skips", A.SKIPPED, "exit code 99 means skip"),
        ("no_such_task", A.FAILED, "task 'no_such_task' of DAG 'd' is not in this version of d.py"),
    ],
)
def test_how_it_ended_is_said(stage: Stage, task_id: str, state: AttemptState, reason: str) -> None:
    report = stage.run(task_id, is_shell=task_id.startswith("shell"))
    assert report.state == state and report.reason is not None and reason in report.reason


def test_a_command_gives_its_last_line(stage: Stage) -> None:
    report = stage.run("shell", is_shell=True)
    assert (report.state, report.exit_code) == (A.SUCCESS, 0)
    assert [effect["value"] for effect in report.effects] == ['"last"']
    assert "one" in stage.log(report.attempt_id)


@pytest.mark.parametrize("is_shell", [True, False])
def test_the_last_line_is_the_same_with_and_without_python(stage: Stage, is_shell: bool) -> None:
    reports = [stage.run(task_id, is_shell=is_shell) for task_id in ("shell_padded", "shell_blank")]
    assert [effect["value"] for report in reports for effect in report.effects] == ['"  last"', '""']


def test_xcoms_that_came_along_are_rendered(stage: Stage) -> None:
    known: dict[str, Any] = {"xcoms": (("good", -1, "return_value", "7"),), "xcoms_of": ("good",)}
    report = stage.run("shell_pulls", is_shell=True, **known)
    assert [effect["value"] for effect in report.effects] == ['"7"']


def test_many_end_once_each(stage: Stage) -> None:
    ids = []
    for number in range(60):
        stage.until(lambda: stage.executor.slots() > 0, "a slot is free")
        ids.append(stage.submit("good" if number % 2 else "shell", is_shell=number % 2 == 0))
    for attempt_id in ids:
        stage.wait_end(attempt_id)
    stage.turn_for(0.1)
    assert [len(stage.ends(attempt_id)) for attempt_id in ids] == [1] * len(ids)
    assert {str(end.state) for attempt_id in ids for end in stage.ends(attempt_id)} == {"success"}


def test_slots_are_taken_and_given_back(stage: Stage) -> None:
    free = stage.executor.slots()
    assert free == stage.executor.parallelism
    attempt_id = stage.submit("good")
    assert stage.executor.slots() == free - 1
    stage.wait_end(attempt_id)
    assert stage.executor.slots() == free
    assert stage.executor.poll() == []


def test_the_sequential_executor_has_one_slot(new_stage: NewStage, kind: type[LocalExecutor]) -> None:
    stage = new_stage(parallelism=8)
    assert stage.executor.slots() == (1 if kind is SequentialExecutor else 8)


# What is stopped ends


def test_a_running_task_is_ended(new_stage: NewStage) -> None:
    stage = new_stage()
    attempt_id = start_waiting(stage)
    stage.executor.stop(attempt_id, "killed by ada")
    report = stage.wait_end(attempt_id)
    assert report.state == A.KILLED
    stage.turn_for(0.1)
    assert len(stage.ends(attempt_id)) == 1


def test_a_running_command_is_ended_for_the_reason_that_was_given(new_stage: NewStage) -> None:
    stage = new_stage()
    attempt_id = stage.submit("shell_waits", is_shell=True)
    pid = int(stage.wait_file("shell"))
    stage.executor.stop(attempt_id, "killed by ada")
    report = stage.wait_end(attempt_id)
    assert (report.state, report.reason) == (A.KILLED, "killed by ada")
    assert not is_alive(pid)


def test_asking_again_and_again_does_not_give_more_time(new_stage: NewStage) -> None:
    stage = new_stage()
    attempt_id = stage.submit("stubborn")
    pid = int(stage.wait_file("stubborn"))

    def has_ended() -> bool:
        stage.executor.stop(attempt_id, "killed by ada")
        return bool(stage.ends(attempt_id))

    stage.until(has_ended, "a task that ignores SIGTERM is killed although it is asked to end all the time")
    assert stage.ends(attempt_id)[0].state == A.KILLED and not is_alive(pid)


def test_what_has_not_been_handed_out_never_starts(new_stage: NewStage) -> None:
    stage = new_stage()
    attempt_id = stage.submit("waits")
    stage.executor.stop(attempt_id, "cleared by ada")
    report = stage.wait_end(attempt_id)
    assert (report.state, report.reason) == (A.KILLED, "cleared by ada")
    assert journal.look(stage.home.journal / str(attempt_id))[0] is journal.Liveness.VOID
    assert stage.run("good").state == A.SUCCESS
    assert not (stage.base / f"waits.{attempt_id}").exists()


def test_stopping_nobody(stage: Stage) -> None:
    stage.executor.stop(99_999, "whoever")
    done = stage.run("good")
    stage.executor.stop(done.attempt_id, "too late")
    stage.turn_for(0.05)
    assert len(stage.ends(done.attempt_id)) == 1


# What cannot start ends too


def test_a_file_that_no_longer_imports(new_stage: NewStage) -> None:
    stage = new_stage()
    write_odd(stage, "break")
    report = stage.run("a", "e.py")
    assert report.state == A.FAILED and report.reason is not None
    assert "e.py cannot be imported" in report.reason and "gone" in report.reason


def test_a_file_that_ends_its_host(new_stage: NewStage) -> None:
    stage = new_stage()
    write_odd(stage, "exit")
    report = stage.run("a", "e.py")
    assert report.state == A.FAILED and report.reason is not None and "7" in report.reason


def test_an_import_that_never_ends(new_stage: NewStage) -> None:
    stage = new_stage(import_timeout_s=1.0)
    write_odd(stage, "hang")
    report = stage.run("a", "e.py")
    assert report.state == A.FAILED and report.reason is not None and "1 s" in report.reason
    assert stage.run("good").state == A.SUCCESS
    (stage.base / "hang").unlink()
    assert stage.run("a", "e.py").state == A.SUCCESS, "another host is started for the next one"


def test_a_command_that_no_process_can_have_fails_once(new_stage: NewStage) -> None:
    stage = new_stage()
    too_long = stage.run("shell_too_long", is_shell=True)
    assert too_long.state == A.FAILED and too_long.reason is not None and "Argument list too long" in too_long.reason
    with_nul: dict[str, Any] = {"xcoms": (("good", -1, "return_value", '"a\\u0000b"'),), "xcoms_of": ("good",)}
    odd = stage.run("shell_pulls", is_shell=True, **with_nul)
    assert odd.state == A.FAILED and odd.reason is not None and "null byte" in odd.reason
    (host,) = stage.host_pids
    assert is_alive(host) and stage.run("good").state == A.SUCCESS, "its host goes on"


def test_without_a_journal_nothing_starts_and_a_moment_passes(new_stage: NewStage) -> None:
    stage = new_stage()
    stage.home.journal.rmdir()
    report = stage.run("good")
    assert report.state == A.VOID and report.reason is not None and "cannot make its journal" in report.reason
    assert stage.executor.slots() == 0
    wake = stage.executor.next_wake()
    assert wake is not None
    stage.home.journal.mkdir()
    stage.until(lambda: stage.executor.slots() > 0, "the pause is over")
    assert stage.run("good").state == A.SUCCESS


def test_a_journal_that_is_there_already_is_never_used_twice(new_stage: NewStage) -> None:
    """As after a backup was restored: numbers come again."""
    stage = new_stage()
    work = stage.workload("good")
    journal.create(Path(work.journal))
    stage.executor.submit(work)
    assert stage.wait_end(work.attempt_id).state == A.VOID


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
