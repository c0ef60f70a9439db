"""What DAG files may ask for while the command line parses them: the home's variables and connections, read only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

from tui_flow.cli.lookup import open_reader
from tui_flow.errors import DatabaseMissing, NotPossible
from tui_flow.sdk import backend
from tui_flow.spec import Json


class HomeBackend:
    """Opens the database when it is first asked, in the process that asks; a home without one holds nothing."""

    def get_variable(self, key: str) -> str | None:
        with suppress(DatabaseMissing), open_reader() as reader:
            row = reader.variable(key)
            return row.value if row else None
        return None

    def variable_keys(self, prefix: str) -> Sequence[str]:
        with suppress(DatabaseMissing), open_reader() as reader:
            return [key for key in reader.variable_keys() if key.startswith(prefix)]
        return []

    def get_connection(self, conn_id: str) -> Mapping[str, Json] | None:
        with suppress(DatabaseMissing), open_reader() as reader:
            row = reader.connection(conn_id)
            return {name: value for name, value in asdict(row).items() if name != "conn_id"} if row else None
        return None

    def __getattr__(self, name: str) -> Any:
        raise NotPossible(f"{name} can only be used inside a running task, not while a DAG file is imported")


@contextmanager
def reading_the_home() -> Iterator[None]:
    """For the length of an import."""
    with backend.backend_in_use(HomeBackend()):
        yield
