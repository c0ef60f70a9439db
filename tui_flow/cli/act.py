"""How a command changes something: the running scheduler does it or, where none runs, this process under the lock."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui_flow import times
from tui_flow.cli.lookup import open_reader
from tui_flow.errors import HomeLocked, HomeNotWritable, SchedulerUnreachable
from tui_flow.settings import Home, home_from_environment
from tui_flow.spec import Json
from tui_flow.store.lock import held, is_held, read_holder

if TYPE_CHECKING:
    from tui_flow.store.writer import Writer

PATIENCE_S = 10.0
"""How long to wait for a scheduler that is starting or a command that holds the home for a moment."""


def act(verb: str, **args: Json) -> Json:
    """The answer of an `actions` verb, whoever performs it; raises its errors.

    A lost answer is asked for again under the same request id, so that nothing is done twice.
    """
    answer = _act(verb, complete(verb, args))
    if verb.startswith(("delete_", "clean_")):
        from tui_flow.logs.removal import delete_set_aside  # for these few

        for _ in delete_set_aside(home_from_environment()):
            pass
    return answer


def _act(verb: str, args: Mapping[str, Json]) -> Json:
    from tui_flow.client import new_request_id  # the socket's side costs 25 ms, for commands that act

    home = home_from_environment()
    request_id = new_request_id()
    deadline = time.monotonic() + PATIENCE_S
    while True:
        if is_held(home):
            try:
                return ask(home, verb, args, request_id)
            except SchedulerUnreachable:
                if time.monotonic() > deadline:
                    raise
        try:
            return _perform_here(home, verb, args, request_id)
        except HomeLocked:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def ask(
    home: Home, verb: str, args: Mapping[str, Json], request_id: str | None = None, timeout_s: float = 60.0
) -> Json:
    """Ask the running scheduler. Raises SchedulerUnreachable where none answers."""
    from tui_flow.client import Client

    with Client(home.socket) as client:
        return client.request(verb, args, request_id=request_id, timeout_s=timeout_s)


def _perform_here(home: Home, verb: str, args: Mapping[str, Json], request_id: str) -> Json:
    from tui_flow.actions.dispatch import perform  # where no scheduler runs
    from tui_flow.actions.leftovers import set_leftovers_aside

    with writing(home, verb, wait_s=0.0) as writer:
        answer = perform(verb, args, writer, times.now(), request_id=request_id, who=user_name()).answer
        _signal_unwanted(home, writer)
        set_leftovers_aside(home, verb, answer)
        return answer


def _signal_unwanted(home: Home, writer: Writer) -> None:
    """Attempts that are to end hear of it now; the next scheduler insists, and records their end."""
    unwanted = [attempt.id for attempt in writer.reads.active_attempts() if attempt.kill_reason is not None]
    if unwanted:
        from tui_flow.runtime.settling import signal_session  # 100 ms, for these few

        for attempt_id in unwanted:
            signal_session(home.journal / str(attempt_id), signal.SIGTERM)


@contextmanager
def writing(home: Home, verb: str, wait_s: float = PATIENCE_S, takeover: bool = False) -> Iterator[Writer]:
    """The home's writer, for the moment of one command. Raises HomeLocked where a scheduler runs."""
    from tui_flow.store.writer import Writer

    make_home(home)
    holder = read_holder(home)
    if holder is not None and holder.role == "scheduler":
        wait_s = 0.0  # it does not go away by itself
    with held(home, f"`tuiflow {verb}`", wait_s), Writer(home.database, takeover=takeover) as writer:
        yield writer


def preview(verb: str, **args: Json) -> Json:
    """What `act` would answer; nothing is changed and nobody is asked."""
    from tui_flow.actions.dispatch import preview as plan_only

    with open_reader() as reader:
        return plan_only(verb, complete(verb, args), reader, times.now())


def complete(verb: str, args: Mapping[str, Json]) -> Mapping[str, Json]:
    """With what only a DAG's file knows, where the verb needs that. Raises BadInput and BadDag."""
    if verb != "create_backfill":
        return args
    from tui_flow.cli.told_dates import with_told_dates  # timetables cost an import

    return with_told_dates(args)


def make_home(home: Home) -> None:
    try:
        home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as err:
        raise HomeNotWritable(f"cannot make {home.root}: {err.strerror}; set TUIFLOW_HOME to another folder") from err


def user_name() -> str:
    """For the audit trail."""
    from getpass import getuser  # 3 ms

    try:
        return getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return str(os.getuid())
