"""What running tasks keep for themselves and on assets: each request is answered once it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tui_flow.errors import BadInput, NotFound, NotPossible
from tui_flow.records import TaskAttempt
from tui_flow.spec import Json
from tui_flow.store.reader import Reads
from tui_flow.store.writer import Writer


def answer_state_store(writer: Writer, attempt: TaskAttempt, args: Mapping[str, Any]) -> Json:
    """The stored value for `get`, else None. A repeated request does no harm."""
    if args["do"] != "get" and attempt.ended_at is not None:
        raise NotPossible(f"attempt {attempt.id} of task {attempt.task_id!r} has ended: it can store nothing")
    if args.get("asset") is None:
        return _of_task(writer, attempt, args)
    return _of_asset(writer, _asset_id(writer.reads, args["asset"]), args)


def _of_task(writer: Writer, attempt: TaskAttempt, args: Mapping[str, Any]) -> Json:
    now = datetime.now(UTC)
    match args:
        case {"do": "get", "key": str(key)}:
            return writer.reads.task_state(attempt.key, key, now)
        case {"do": "set", "key": str(key), "value": value, "expires_at": expires_at}:
            writer.set_task_state(attempt.key, key, value, expires_at and datetime.fromisoformat(expires_at), now)
        case {"do": "delete", "key": str() | None as which}:
            writer.delete_task_state(attempt.key, which)
        case _:
            raise BadInput(f"a state store cannot {args['do']!r}")
    return None


def _of_asset(writer: Writer, asset: int, args: Mapping[str, Any]) -> Json:
    match args:
        case {"do": "get", "key": str(key)}:
            return writer.reads.asset_state(asset, key)
        case {"do": "set", "key": str(key), "value": value}:
            writer.set_asset_state(asset, key, value, datetime.now(UTC))
        case {"do": "delete", "key": str() | None as which}:
            writer.delete_asset_state(asset, which)
        case _:
            raise BadInput(f"a state store cannot {args['do']!r}")
    return None


def _asset_id(reads: Reads, named: Mapping[str, Any]) -> int:
    word = str(named.get("name") or named.get("uri"))
    found = [row for row in reads.assets_named(word) if all(getattr(row, k) == v for k, v in named.items() if v)]
    if not found:
        raise NotFound(f"asset {word!r} is not known here; `tuiflow assets list` shows those that DAGs name")
    return found[0].id
