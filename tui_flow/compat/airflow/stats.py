"""`airflow.stats.Stats`: accepted and dropped; `tuiflow` keeps its own figures of runs and tasks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Stats:
    """Metrics of a task go nowhere."""

    @classmethod
    def incr(cls, stat: str, count: int = 1, rate: float = 1, *, tags: Any = None) -> None: ...

    @classmethod
    def decr(cls, stat: str, count: int = 1, rate: float = 1, *, tags: Any = None) -> None: ...

    @classmethod
    def gauge(cls, stat: str, value: float, rate: float = 1, delta: bool = False, *, tags: Any = None) -> None: ...

    @classmethod
    def timing(cls, stat: str, dt: Any, *, tags: Any = None) -> None: ...

    @classmethod
    @contextmanager
    def timer(cls, stat: str | None = None, *, tags: Any = None) -> Iterator[None]:
        yield
