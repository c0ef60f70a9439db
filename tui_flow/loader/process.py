"""The process that imports a DAG file: its limits, what an import may not leave changed, whether it may be forked."""

from __future__ import annotations

import os
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_KEPT_SIGNALS = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGCHLD,
    signal.SIGALRM,
    signal.SIGPIPE,
    signal.SIGUSR1,
    signal.SIGUSR2,
)


def set_parse_limits(memory_bytes: int) -> None:
    """Let this process map at most so much memory (RLIMIT_AS), until `lift_parse_limits`. 0: no limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if memory_bytes and (hard == resource.RLIM_INFINITY or memory_bytes < hard):
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, hard))


def lift_parse_limits() -> None:
    """Back to what the administrator allows; before the first attempt is forked."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


@contextmanager
def process_state_kept() -> Iterator[None]:
    """Working directory, umask and signal handlers are afterwards what they were; a fork made inside ends there."""
    pid = os.getpid()
    try:
        folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # somebody removed it
        folder = os.open("/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    umask = os.umask(0o077)
    os.umask(umask)
    handlers = {number: signal.getsignal(number) for number in _KEPT_SIGNALS}
    try:
        yield
    finally:
        if os.getpid() != pid:
            os._exit(0)
        os.fchdir(folder)
        os.close(folder)
        os.umask(umask)
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) is not handler:
                with suppress(OSError, ValueError):
                    signal.signal(number, handler)


def open_sockets() -> frozenset[str]:
    """The sockets that this process holds, as the kernel names them."""
    found = set()
    for fd in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            target = os.readlink(f"/proc/self/fd/{fd}")
            if target.startswith("socket:"):
                found.add(target)
    return frozenset(found)


def why_fork_unsafe(new_sockets: int) -> str | None:
    """Why tasks must not be forked from this process; None when they may.

    `new_sockets`: how many the import opened and left open. Forks once, so that pools which stop for a fork (OpenBLAS)
    have stopped when the threads are counted.
    """
    if new_sockets:
        return f"importing it opened {new_sockets} network connection{'s' * (new_sockets > 1)}"
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    if len(threads := os.listdir("/proc/self/task")) == 1:
        return None
    names = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    started = len(threads) - 1
    return f"importing it started {started} thread{'s' * (started > 1)}" + (f" ({', '.join(names)})" if names else "")
