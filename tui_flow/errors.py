"""Every error that tuiflow raises for something a user can cause.

    TuiflowError                     exit code 1
    ├── UsageError                   exit code 2: what was asked for cannot be meant
    │   ├── NotFound                 an unknown DAG, task, run, attempt or pool
    │   │   ├── DagNotFound
    │   │   ├── TaskNotFound
    │   │   └── RunNotFound
    │   ├── BadInput                 a date, JSON, id or option that cannot be read
    │   │   └── ParamsInvalid        params that fail their JSON schema
    │   └── NotPossible              understood, but not in the present state
    │       └── RunAlreadyExists
    ├── HomeError                    the home folder or its database cannot be used
    │   ├── HomeLocked               exit code 75: another process holds the home
    │   ├── HomeNotWritable
    │   ├── DatabaseMissing          nothing was ever started in this home
    │   ├── DatabaseForeign          not ours, damaged, or of another machine
    │   ├── DatabaseTooNew
    │   ├── DatabaseOlder            the scheduler brings it up to date
    │   └── WriteRefused             nothing was written; it may be tried again later
    │       ├── DiskFull
    │       └── DatabaseLocked       another program writes to it
    ├── DagFileError                 a DAG file that cannot become DagSpecs (shown as an import error)
    │   ├── BadId
    │   ├── DuplicateTaskId
    │   ├── DagCycle
    │   └── BadDag                   any other contradiction in a DAG
    ├── SchedulerUnreachable         a request got no answer from the scheduler
    └── ProtocolError                the two ends of a socket do not understand each other

What DAG authors raise inside tasks (`AirflowSkipException` and its kin) lives in `sdk.exceptions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class TuiflowError(Exception):
    """Base of the tree; `str(error)` is one clear line for the user."""

    exit_code = 1


class UsageError(TuiflowError):
    exit_code = 2


class NotFound(UsageError):
    """Something named does not exist."""


class DagNotFound(NotFound):
    def __init__(self, dag_id: str, known: Iterable[str] = (), broken_files: int = 0) -> None:
        """`broken_files`: how many DAG files cannot be imported, since it may be in one of them."""
        hint = "`tuiflow dags list` shows what is there"
        if broken_files:
            files = f"{broken_files} DAG files" if broken_files > 1 else "a DAG file"
            hint = f"{files} cannot be imported: `tuiflow dags import-errors`; {hint}"
        super().__init__(f"DAG {dag_id!r} not found{did_you_mean(dag_id, known)}; {hint}")


class TaskNotFound(NotFound):
    def __init__(self, dag_id: str, task_id: str, known: Iterable[str] = ()) -> None:
        super().__init__(
            f"DAG {dag_id!r} has no task {task_id!r}{did_you_mean(task_id, known)}; "
            f"`tuiflow tasks list {dag_id}` shows its tasks"
        )


class RunNotFound(NotFound):
    def __init__(self, dag_id: str, run_id: str, known: Iterable[str] = ()) -> None:
        super().__init__(
            f"DAG {dag_id!r} has no run {run_id!r}{did_you_mean(run_id, known)}; "
            f"`tuiflow runs list {dag_id}` shows its runs"
        )


class BadInput(UsageError):
    """A value that cannot be read as what it should be."""


class ParamsInvalid(BadInput):
    """Params or conf that fail their JSON schema; nothing was created."""


class NotPossible(UsageError):
    """Understood, but the present state does not allow it."""


class RunAlreadyExists(NotPossible):
    def __init__(self, dag_id: str, run_id: str) -> None:
        super().__init__(
            f"DAG {dag_id!r} already has a run {run_id!r}; choose another run id or date, or clear that run"
        )


class HomeError(TuiflowError):
    """The home folder or its database cannot be used."""


class HomeLocked(HomeError):
    exit_code = 75


class HomeNotWritable(HomeError):
    pass


class DatabaseMissing(HomeError):
    pass


class DatabaseForeign(HomeError):
    pass


class DatabaseTooNew(HomeError):
    pass


class DatabaseOlder(HomeError):
    pass


class WriteRefused(HomeError):
    """Nothing was changed; the same may go well later."""


class DiskFull(WriteRefused):
    pass


class DatabaseLocked(WriteRefused):
    pass


class DagFileError(TuiflowError):
    """A DAG file, or a DAG in it, that cannot be scheduled."""


class BadId(DagFileError):
    pass


class DuplicateTaskId(DagFileError):
    pass


class DagCycle(DagFileError):
    pass


class BadDag(DagFileError):
    pass


class SchedulerUnreachable(TuiflowError):
    pass


class ProtocolError(TuiflowError):
    pass


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where a known word is close, else the empty string."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""
