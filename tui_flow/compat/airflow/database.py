"""What reached into Airflow's database: names that can be imported, and an error with advice where they are used."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from tui_flow.errors import NotPossible

NEW_SESSION: Any = None
_ADVICE = "read runs and tasks with the tuiflow command line (--json), XComs with ti.xcom_pull"


def _refuse(what: str) -> NoReturn:
    raise NotPossible(f"{what} reads Airflow's database, which is not here; {_ADVICE}")


class _Absent:
    """Stands for a database session: may be passed on, not used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        _refuse(f"session.{name}")

    def __enter__(self) -> _Absent:
        return self

    def __exit__(self, *exc_info: Any) -> None:
        pass


def Session(*args: Any, **kwargs: Any) -> Any:
    return _Absent()


engine: Any = _Absent()


def configure_orm(*args: Any, **kwargs: Any) -> None:
    """There is nothing to configure."""


@contextmanager
def create_session(scoped: bool = True) -> Iterator[Any]:
    yield _Absent()


def provide_session(function: Callable[..., Any]) -> Callable[..., Any]:
    """Fill the argument `session`."""
    position = list(inspect.signature(function).parameters).index("session")

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if "session" not in kwargs and len(args) <= position:
            kwargs["session"] = _Absent()
        return function(*args, **kwargs)

    return wrapper


def clear_task_instances(*args: Any, **kwargs: Any) -> None:
    raise NotPossible("clear_task_instances() writes Airflow's database, which is not here; use `tuiflow clear`")


def expand_alias_to_datasets(*args: Any, **kwargs: Any) -> Any:
    _refuse("expand_alias_to_datasets()")


class _RowClass(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        _refuse(f"{cls.__name__}.{name}")


class _Row(metaclass=_RowClass):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _refuse(f"{type(self).__name__}()")


class DagModel(_Row):
    """A DAG's row."""


class DagBag(_Row):
    """The DAGs of a folder; `tuiflow check` parses them."""


class Pool(_Row):
    """A pool's row; `tuiflow pools` shows and sets them."""

    DEFAULT_POOL_NAME = "default_pool"


class TaskReschedule(_Row):
    pass


class SlaMiss(_Row):
    pass


class Log(_Row):
    pass


class DagImportError(_Row):
    pass


class DatasetModel(_Row):
    pass


class DatasetEvent(_Row):
    pass


class AssetModel(_Row):
    pass


class AssetEvent(_Row):
    pass
