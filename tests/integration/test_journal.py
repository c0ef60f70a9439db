"""Journals with real processes: who may start, who lives, how it ended, what a full disk or garbage leaves of it."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui_flow import journal
from tui_flow.journal import EFFECTS_OFFSET, RESULT_OFFSET, Entry, Journal, Liveness

PUSH = {"kind": "xcom", "key": "k", "value": "1"}
ENDED = {"state": "success", "at": "2026-01-01T00:00:00+00:00"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "7"
    journal.create(found)
    return found


@contextmanager
def child(work: Callable[[], object]) -> Iterator[int]:
    """A forked process that does this and then waits to be killed; entered once the work is done."""
    done_read, done_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            if code:
                os._exit(code)
            os.write(done_write, b".")
            signal.pause()
    os.close(done_write)
    try:
        assert os.read(done_read, 1) == b".", "the child's work failed"
        yield pid
    finally:
        os.close(done_read)
        kill(pid)


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass


def supervised(path: Path) -> Journal:
    found = journal.supervise(str(path))
    assert found is not None
    return found


def claimed(path: Path) -> Journal:
    found = supervised(path)
    assert found.write_claim({"pid": os.getpid()})
    return found


def liveness(path: Path) -> Liveness:
    return journal.look(path)[0]


def entry(path: Path) -> Entry:
    found = journal.look(path)[1]
    assert found is not None
    return found


# Who may start


ROUNDS = 300
CONTENDER = """
import os, sys
from pathlib import Path
from tui_flow import journal
for path in sys.stdin.read().split():
    os.read(9, 1)
    if sys.argv[1] == "void":
        won = journal.void(Path(path))
    else:
        held = journal.supervise(path)
        won = held is not None and held.write_claim({"pid": os.getpid()})
    os.write(1, b"1" if won else b"0")
"""


def answer_of(contender: subprocess.Popen[bytes]) -> bool:
    assert contender.stdout is not None
    return contender.stdout.read(1) == b"1"


def test_start_and_void_exclude_each_other_whoever_comes_first(tmp_path: Path) -> None:
    """Two processes contend for one journal after the other; each gets exactly one winner."""
    paths = [tmp_path / str(number) for number in range(ROUNDS)]
    for path in paths:
        journal.create(path)
    starts = [os.pipe(), os.pipe()]
    contenders = [
        subprocess.Popen(
            [sys.executable, "-c", f"import os; os.dup2({start[0]}, 9)\n{CONTENDER}", role],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[start[0]],
        )
        for start, role in zip(starts, ("void", "claim"), strict=True)
    ]
    wins = {"void": 0, "claim": 0}
    for contender in contenders:
        assert contender.stdin is not None
        contender.stdin.write(" ".join(map(str, paths)).encode())
        contender.stdin.close()
    for number, path in enumerate(paths):
        won = [False, False]
        for turn in ((0, 1), (1, 0))[number % 2]:
            os.write(starts[turn][1], b".")
            if number % 10 < 2:  # on a busy machine one of them might win every race: sometimes it has no rival yet
                won[turn] = answer_of(contenders[turn])
        if number % 10 >= 2:
            won = [answer_of(contender) for contender in contenders]
        voided, was_claimed = won
        assert voided != was_claimed, f"{path}: void {voided}, claim {was_claimed}"
        assert liveness(path) is (Liveness.VOID if voided else Liveness.ALIVE)
        wins["void" if voided else "claim"] += 1
    for contender in contenders:
        assert contender.wait() == 0
    for end in (end for start in starts for end in start):
        os.close(end)
    assert all(wins.values()), wins


def test_only_one_supervises(path: Path) -> None:
    held = supervised(path)
    assert journal.supervise(str(path)) is None
    assert liveness(path) is Liveness.ALIVE
    assert not journal.void(path)
    held.close()
    assert liveness(path) is Liveness.UNCLAIMED


def test_what_was_claimed_or_voided_never_starts_again(path: Path, tmp_path: Path) -> None:
    claimed(path).close()
    assert journal.supervise(str(path)) is None and not journal.void(path)
    other = tmp_path / "8"
    journal.create(other)
    assert journal.void(other) and journal.void(other)
    assert journal.supervise(str(other)) is None
    assert liveness(other) is Liveness.VOID


def test_nobody_makes_a_journal_but_create(tmp_path: Path) -> None:
    missing = tmp_path / "9"
    assert journal.supervise(str(missing)) is None
    assert journal.void(missing)
    assert journal.look(missing) == (Liveness.UNCLAIMED, None)
    assert not missing.exists()
    journal.create(missing)
    with pytest.raises(FileExistsError):
        journal.create(missing)
    assert missing.stat().st_mode & 0o777 == 0o600


# Who lives


def test_the_lock_is_free_when_the_last_process_of_an_attempt_is_gone(path: Path, tmp_path: Path) -> None:
    pids = tmp_path / "child"

    def work() -> None:
        claimed(path)
        grandchild = os.fork()
        if grandchild == 0:
            signal.pause()
        pids.write_text(str(grandchild))

    with child(work) as pid:
        grandchild = int(pids.read_text())
        kill(pid)
        assert liveness(path) is Liveness.ALIVE
        os.kill(grandchild, signal.SIGKILL)
        wait_until_gone(grandchild)
    assert liveness(path) is Liveness.GONE


def wait_until_gone(pid: int) -> None:
    fd = os.pidfd_open(pid)
    select.select([fd], [], [])
    os.close(fd)


def test_a_command_holds_the_lock_only_where_it_is_passed_on(path: Path, tmp_path: Path) -> None:
    held = claimed(path)
    without = subprocess.Popen(["sleep", "60"])
    passed = subprocess.Popen(["sleep", "60"], pass_fds=[held.fd])
    held.close()
    assert liveness(path) is Liveness.ALIVE
    passed.kill()
    passed.wait()
    assert liveness(path) is Liveness.GONE
    without.kill()
    without.wait()


def test_looking_takes_nothing(path: Path) -> None:
    for _ in range(3):
        assert liveness(path) is Liveness.UNCLAIMED
    held = claimed(path)
    assert liveness(path) is Liveness.ALIVE
    held.write_result(ENDED)
    assert liveness(path) is Liveness.ALIVE, "the result stands before the lock falls"
    held.close()
    assert liveness(path) is Liveness.ENDED


def test_who_pumps_is_independent_of_who_lives(path: Path) -> None:
    held = claimed(path)
    assert not journal.is_taken_over(path)
    taken = journal.take_over(path)
    assert taken is not None and journal.take_over(path) is None and journal.is_taken_over(path)
    held.close()
    assert liveness(path) is Liveness.GONE, "a rescuer does not make an attempt live"
    os.close(taken)
    assert not journal.is_taken_over(path)


# How it ended, what it wrote


def test_effects_are_numbered_and_come_back_in_order(path: Path) -> None:
    held = claimed(path)
    assert [held.add_effect({**PUSH, "n": n}) for n in range(100)] == list(range(100))
    assert [effect["n"] for effect in held.read().effects] == list(range(100))
    held.close()
    again = Journal(os.open(path, os.O_RDWR))
    assert again.add_effect(PUSH) == 100
    again.close()
    assert len(entry(path).effects) == 101


def test_a_shell_exit_code_is_an_end(path: Path) -> None:
    held = claimed(path)
    os.pwrite(held.fd, b"exit 3\n", journal.EXIT_OFFSET)
    held.close()
    assert liveness(path) is Liveness.ENDED and entry(path).exit_code == 3


@given(st.text(st.characters(), max_size=9000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_a_result_fits_whatever_it_says(tmp_path: Path, reason: str) -> None:
    path = tmp_path / "any"
    path.unlink(missing_ok=True)
    journal.create(path)
    held = claimed(path)
    held.add_effect(PUSH)
    held.write_result({**ENDED, "reason": reason})
    held.close()
    found = entry(path)
    assert found.result is not None and found.result["state"] == "success"
    assert reason.startswith(found.result["reason"])
    assert found.effects == (PUSH,) and found.claim == {"pid": os.getpid()}


def test_a_shorter_result_replaces_a_longer_one(path: Path) -> None:
    held = claimed(path)
    held.write_result({**ENDED, "reason": "x" * 500})
    held.write_result(ENDED)
    assert held.read().result == ENDED
    held.close()


# A full disk


def limit_file_size(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_full_disk_refuses_effects_but_never_the_result(path: Path) -> None:
    def work() -> None:
        held = claimed(path)
        held.add_effect(PUSH)
        limit_file_size(path.stat().st_size)
        with pytest.raises(OSError):
            held.add_effect(PUSH)
        held.write_result(ENDED)

    with child(work):
        assert liveness(path) is Liveness.ALIVE
    assert liveness(path) is Liveness.ENDED
    assert entry(path).result == ENDED and entry(path).effects == (PUSH,)


def test_an_effect_that_fits_in_part_is_no_effect_and_the_next_takes_its_place(path: Path) -> None:
    def work() -> None:
        held = claimed(path)
        limit_file_size(EFFECTS_OFFSET + 10)
        with pytest.raises(OSError, match="No space left"):
            held.add_effect({**PUSH, "value": "first"})
        assert held.read().effects == ()
        limit_file_size(resource.RLIM_INFINITY)
        assert held.add_effect(PUSH) == 0

    with child(work):
        assert entry(path).effects == (PUSH,)


def test_a_journal_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    def work() -> None:
        limit_file_size(0)
        with pytest.raises(OSError):
            journal.create(tmp_path / "5")

    with child(work):
        pass


# Garbage


@given(st.binary(max_size=6000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
def test_any_bytes_can_be_looked_at(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "garbage"
    path.write_bytes(data)
    state, found = journal.look(path)
    assert state is not Liveness.ALIVE
    assert found is not None and all("kind" in effect for effect in found.effects)


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b"null", b"{}", b'{"kind":1}', b"[" * 50_000, b"\xff\xfe", b"\x00" * 100, b'{"kind":"x"'],
    ids=lambda line: repr(line[:10]),
)
def test_a_line_that_is_no_effect_is_passed_over(path: Path, line: bytes) -> None:
    held = claimed(path)
    held.add_effect(PUSH)
    held.close()
    with open(path, "ab") as file:
        file.write(line + b"\n" + json.dumps(PUSH).encode() + b"\n" + b'{"kind":"torn"')
    assert entry(path).effects == (PUSH, PUSH)


@given(st.integers(0, 60), st.integers(1, 255))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_damaged_result_is_none(tmp_path: Path, at: int, flip: int) -> None:
    path = tmp_path / "damaged"
    path.unlink(missing_ok=True)
    journal.create(path)
    held = claimed(path)
    held.write_result(ENDED)
    byte = os.pread(held.fd, 1, RESULT_OFFSET + at)[0]
    os.pwrite(held.fd, bytes([byte ^ flip]), RESULT_OFFSET + at)
    held.close()
    assert entry(path).result in (None, ENDED)


@pytest.mark.parametrize("size", [0, 1, 100, 447, 512, 600, 4095, 4096])
def test_a_truncated_journal_is_read_as_far_as_it_goes(path: Path, size: int) -> None:
    held = claimed(path)
    held.add_effect(PUSH)
    held.write_result(ENDED)
    held.close()
    os.truncate(path, size)
    state, found = journal.look(path)
    assert found is not None and found.effects == ()
    assert state is (Liveness.UNCLAIMED if size < 20 else Liveness.GONE if size < 600 else Liveness.ENDED)
