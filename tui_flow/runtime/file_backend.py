"""What a DAG file may ask for while it is imported: variables and connections. The scheduler answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tui_flow.client import Client
from tui_flow.errors import NotPossible
from tui_flow.sdk import backend
from tui_flow.spec import Json


class FileBackend:
    """Reads only; anything else belongs into a task and is refused."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._client: Client | None = None

    def get_variable(self, key: str) -> str | None:
        value: str | None = self._ask("get_variable", {"key": key})
        return value

    def variable_keys(self, prefix: str) -> Sequence[str]:
        return list(self._ask("variable_keys", {"prefix": prefix}))

    def get_connection(self, conn_id: str) -> Mapping[str, Json] | None:
        value: Mapping[str, Json] | None = self._ask("get_connection", {"conn_id": conn_id})
        return value

    def __getattr__(self, name: str) -> Any:
        raise NotPossible(f"{name} can only be used inside a running task, not while a DAG file is imported")

    def _ask(self, verb: str, args: Mapping[str, Json]) -> Any:
        if self._client is None:
            self._client = Client(self._socket, role="file")
        return self._client.request(verb, args, timeout_s=10.0)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


@contextmanager
def importing(socket: Path) -> Iterator[None]:
    """For the length of an import, variables and connections come from the scheduler."""
    answers = FileBackend(socket)
    with backend.backend_in_use(answers):
        try:
            yield
        finally:
            answers.close()
