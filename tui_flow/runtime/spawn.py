"""How an attempt's process comes to be: a fork of the host, a spawned shell, or a fresh interpreter."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tui_flow.journal import EXIT_OFFSET, Journal, crash_point
from tui_flow.logs import CappedLog
from tui_flow.messages import Message, Report, Workload
from tui_flow.runtime import attempt as attempts
from tui_flow.runtime import callback, shell
from tui_flow.runtime.output import AttemptOutput
from tui_flow.runtime.processes import ATTEMPT_MARKER, python_module, seconds_since_boot
from tui_flow.runtime.reports import utc_now
from tui_flow.runtime.running import Output, RunningAttempt
from tui_flow.runtime.scratch import give_back
from tui_flow.runtime.served import ServedFile

_WRAPPER = """\
trap : TERM
__command=$1; __folder=$2; shift 2
(cd -- "$__folder" && exec 9>&9 && unset __folder && eval "unset __command; $__command")
__code=$?
printf 'exit %d\\n' "$__code" >&9
__has_host() { read -r __stat </proc/$$/stat; set -- ${__stat##*) }; [ "$2" = "$PPID" ]; }
__has_host || { while read -t 0 -u 6 || read -t 0 -u 7; do sleep 0.05; done; echo all >&9; }
exit "$__code"
"""
"""Runs a command in a subshell and records its exit code in the journal (descriptor 9), for when its host dies: then it
also waits until a rescuer has pumped the output, whose last line is the XCom. A SIGTERM is for the command alone, which
the subshell leaves as it was: the command gets its grace."""
_PLAIN_WRAPPER = """\
__end() {
__code=$?
trap : TERM
printf 'exit %d\\n' "$__code" >&9
IFS=' ' read -r __stat </proc/$$/stat
__stat=${__stat##*) }; __stat=${__stat#* }
[ "${__stat%% *}" = "$PPID" ] || { while read -t 0 -u 6 || read -t 0 -u 7; do sleep 0.05; done; echo all >&9; }
exit "$__code"
}
trap __end EXIT
trap 'exit 143' TERM
cd -- "$2" || exit
__command=$1; shift 2
eval "unset __command; $__command"
"""
"""The same without a subshell, which costs as much again as the command's own bash: for commands that leave the shell's
traps and options alone, and do not replace it."""
_CHANGES_THE_SHELL = re.compile(
    r"\b(?:exec|trap|set|shopt|source|eval|enable|command|builtin|alias|function|IFS|__\w+)\b"
    r"|(?:^|[\s;&|(])[.]\s|[)]\s*[{]"
)


class _Pipes(NamedTuple):
    """The raw output of one attempt. It keeps the read ends too, so that its host's death breaks nothing: a rescuer
    opens them through /proc, and finds the log by the descriptor that is open on it."""

    out_read: int
    out_write: int
    err_read: int
    err_write: int
    log: int


class Start:
    """An attempt that is about to start: journal locked, log and pipes open, everything prepared that can be.

    A host makes several, then launches them one right after the other: between forks, each page that the host writes
    to costs it a copy."""

    def __init__(
        self, config: Message, served: ServedFile, workload: Workload, journal: Journal, output: AttemptOutput
    ) -> None:
        """Raises OSError when the machine has no room; then nothing is left of it."""
        self.workload, self.journal = workload, journal
        self._config, self._served, self._output = config, served, output
        self._command = _shell_command(config, served, workload)
        self._run: Callable[[], int] | None = None
        self._pid = 0
        with contextlib.ExitStack() as undo:
            if self._command is not None and self._command.is_scratch:
                undo.callback(give_back, self._command.folder)
            self._log = CappedLog(Path(workload.log), config["log_head_bytes"], config["log_tail_bytes"])
            undo.callback(self._log.close)
            self._pipes = _Pipes(*_pipe(undo), *_pipe(undo), self._log.fileno())
            if self._command is None and served.fork_unsafe is None:
                self._run = prepare(config, served, workload, journal, output)
            self._undo = undo.pop_all()

    def fds(self) -> list[int]:
        return [*self._pipes, self.journal.fd]

    def launch(self, host_fds: Iterable[int]) -> None:
        """Start the process; a fork closes `host_fds`, but for its own, before anything else. Raises OSError when the
        machine has no room, that or ValueError for a command that no process can have; then nothing is left of it."""
        with self._undo as undo:
            if self._command is not None:
                self._pid = _spawn_shell(self._config, self._command, self.workload, self.journal, self._pipes)
            elif self._run is None:
                self._pid = _spawn_fresh(self._config, self._served, self.workload, self.journal, self._pipes)
            else:
                self._pid = self._fork(self._run, set(host_fds).difference(self.fds()))
            undo.pop_all()

    def running(self) -> RunningAttempt:
        """The launched attempt as its host sees it."""
        pipes, config = self._pipes, self._config
        os.close(pipes.out_write)
        os.close(pipes.err_write)
        os.set_blocking(pipes.out_read, False)
        os.set_blocking(pipes.err_read, False)
        head, tail = config["log_head_bytes"], config["log_tail_bytes"]
        raw = Output(self._log, pipes.out_read, pipes.err_read, self._served.masker, head, tail)
        running = RunningAttempt(self.workload, self.journal, self._pid, raw)
        if self._command is not None:
            _note_shell(running, self._command)
        return running

    def _fork(self, run: Callable[[], int], to_close: Iterable[int]) -> int:
        pid = os.fork()
        if pid:
            return pid
        code = 70
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.setsid()
            for fd in to_close:
                with contextlib.suppress(OSError):
                    os.close(fd)
            os.dup2(self._pipes.out_write, 1)
            os.dup2(self._pipes.err_write, 2)
            crash_point("attempt.start")
            is_masked = bool(self._served.masker.longest)
            if attempts.claim(self.workload, self.journal, self._config, is_masked=is_masked):
                crash_point("attempt.claimed")
                attempts.become_attempt(self.workload, self.journal)
                self._output.redirect(self._log)
                try:
                    code = run()
                finally:
                    self._output.finish()
        finally:
            os._exit(code)


def _pipe(undo: contextlib.ExitStack) -> tuple[int, int]:
    ends = os.pipe2(os.O_CLOEXEC)
    for end in ends:
        undo.callback(os.close, end)
    return ends


def _note_shell(running: RunningAttempt, command: shell.ShellCommand) -> None:
    workload = running.workload
    running.is_shell = True
    running.push_last_line_of_stdout = command.push_last_line
    running.skip_exit_codes = command.skip_exit_codes
    running.scratch = command.folder if command.is_scratch else None
    running.note(
        f"{workload.dag_id}.{workload.task_id} run {workload.run.run_id} "
        f"try {workload.try_number} of {workload.max_tries + 1} pid {running.pid}"
    )


def without_callbacks(report: Report) -> Report:
    """A shell attempt has no callbacks to call: nothing is left to be done elsewhere."""
    return replace(report, callbacks_done=True)


def _shell_command(config: Message, served: ServedFile, workload: Workload) -> shell.ShellCommand | None:
    """The command, when the host may render it; None sends the attempt through Python, which also tells what is
    wrong."""
    if not workload.is_shell or workload.callback is not None or served.masker.longest or workload.resume is not None:
        return None
    try:
        return shell.command_of(config, served, workload)
    except Exception:  # rendering failed: the attempt's own process fails with the full story
        return None


def prepare(
    config: Message, served: ServedFile, workload: Workload, journal: Journal, output: AttemptOutput
) -> Callable[[], int]:
    """Everything that can be done before the fork; what it returns is called in the attempt's own process."""
    if workload.callback is not None:
        return lambda: callback.run_callback(config, served, workload, journal, output)
    return attempts.Attempt(config, served, workload, journal, output).run


def _spawn_fresh(config: Message, served: ServedFile, workload: Workload, journal: Journal, pipes: _Pipes) -> int:
    """A new interpreter that imports the file by itself; its orders are in a memory file, never on a command line."""
    orders = {
        "config": config,
        "load": served.load,
        "workload": workload.to_dict(),
        "is_masked": bool(served.masker.longest),
    }
    memory = os.memfd_create("tuiflow-orders", os.MFD_CLOEXEC)
    try:
        os.write(memory, json.dumps(orders).encode())
        os.lseek(memory, 0, os.SEEK_SET)
        return os.posix_spawn(
            sys.executable,
            python_module("tui_flow.runtime.fresh"),
            {**os.environ, ATTEMPT_MARKER: workload.journal},
            file_actions=_descriptors(pipes, {8: memory, 9: journal.fd}),
            setsid=True,
            setsigdef=_DEFAULT_SIGNALS,
        )
    finally:
        os.close(memory)


def _spawn_shell(
    config: Message, command: shell.ShellCommand, workload: Workload, journal: Journal, pipes: _Pipes
) -> int:
    claim = {
        "attempt": workload.attempt_id,
        "shell": 1,
        "xcom": int(command.push_last_line),
        "timeout": workload.timeout_s,
        "host": config["host_pid"],
        "host_start": config["host_start"],
        "boot": config["boot_id"],
        "at": utc_now(),
    }
    journal.write_claim(claim)
    os.lseek(journal.fd, EXIT_OFFSET, os.SEEK_SET)
    bash = _bash()
    pid = os.posix_spawn(
        bash,
        ["bash", "-c", wrapper_of(command.text), "bash", command.text, command.folder],
        {**command.environment, ATTEMPT_MARKER: workload.journal},
        file_actions=_descriptors(pipes, {9: journal.fd}),
        setsid=True,
        setsigdef=_DEFAULT_SIGNALS,
    )
    crash_point("host.spawned")
    journal.amend_claim({**claim, "pid": pid, "start": seconds_since_boot()})
    return pid


def wrapper_of(command: str) -> str:
    """The script that runs this command and records how it ended."""
    return _WRAPPER if _CHANGES_THE_SHELL.search(command) else _PLAIN_WRAPPER


_DEFAULT_SIGNALS = [signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE]


def _descriptors(pipes: _Pipes, others: dict[int, int]) -> list[tuple[int, int, int]]:
    """posix_spawn actions that put these descriptors in place; the sources lie above the targets (see `Host`)."""
    places = {1: pipes.out_write, 2: pipes.err_write, 5: pipes.log, 6: pipes.out_read, 7: pipes.err_read, **others}
    return [(os.POSIX_SPAWN_DUP2, fd, target) for target, fd in places.items() if fd >= 0]


@functools.cache
def _bash() -> str:
    return shutil.which("bash") or "/bin/bash"
