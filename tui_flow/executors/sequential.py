"""The sequential executor: like the local one, but one attempt at a time. For machines and files that bear no more."""

from __future__ import annotations

from typing import Any

from tui_flow.executors.local import LocalExecutor


class SequentialExecutor(LocalExecutor):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "parallelism": 1})
