"""Have the modules of a provider imported by a child process: `compat.airflow.provider_trial`."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from tui_flow.cli.loading import ask_child
from tui_flow.settings import CoreSettings

_CHILD = "tui_flow.compat.airflow.provider_trial"


def try_modules(modules: Sequence[str], core: CoreSettings) -> Iterator[tuple[str, str | None]]:
    """(module, what it lacks or None), as it comes; a module that ends its process is told, too, and the rest tried."""
    left = list(modules)
    while left:
        order = {"modules": left, "imports": core.airflow_imports, "providers": core.airflow_providers}
        exit_code = yield from _told(ask_child(_CHILD, order, is_quiet=True), left)
        if left:
            yield left.pop(0), f"its import ended the process with exit code {exit_code}"


def _told(answers: Generator[Any, None, int], left: list[str]) -> Generator[tuple[str, str | None], None, int]:
    """The answers; their modules are taken out of `left`."""
    while True:
        try:
            answer = next(answers)
        except StopIteration as end:
            return int(end.value)
        left.remove(answer["module"])
        yield answer["module"], answer["missing"]
