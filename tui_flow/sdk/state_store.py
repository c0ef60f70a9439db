"""What a task keeps from one try to the next (`task_state_store` in its context), and on its assets from one run to
the next (`asset_state_store`). A value is stored once the call is over."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from tui_flow.sdk.asset import Asset, AssetAlias, AssetNameRef, AssetRef, AssetUriRef
from tui_flow.sdk.backend import current_backend
from tui_flow.spec import Json

NEVER_EXPIRE = timedelta.max
"""`retention` of a value that stays for as long as its run."""
MAX_VALUE_BYTES = 1024 * 1024
P = ParamSpec("P")
T = TypeVar("T")


class StateStore:
    """Values by key; what is common to those of tasks and of assets."""

    def _ask(self, do: str, key: str | None, **more: Json) -> Json:
        raise NotImplementedError

    def get(self, key: str, default: Json = None) -> Json:
        found = self._ask("get", key)
        return default if found is None else found

    def delete(self, key: str) -> None:
        """Nothing happens where there is none."""
        self._ask("delete", key)

    def clear(self) -> None:
        self._ask("delete", None)

    async def aget(self, key: str, default: Json = None) -> Json:
        return await _in_thread(self.get, key, default)

    async def adelete(self, key: str) -> None:
        await _in_thread(self.delete, key)

    async def aclear(self) -> None:
        await _in_thread(self.clear)


class TaskStateStore(StateStore):
    """Of one task instance in one run: all its tries see the same values."""

    def _ask(self, do: str, key: str | None, **more: Json) -> Json:
        return current_backend("task_state_store").state_store({"do": do, "key": key, **more})

    def set(self, key: str, value: Json, *, retention: timedelta | None = None) -> None:
        """Store JSON other than None. It stays for as long as the run, or only for the length of `retention`."""
        is_kept = retention is None or retention == NEVER_EXPIRE
        expires_at = None if is_kept else (datetime.now(UTC) + (retention or timedelta())).isoformat()
        self._ask("set", key, value=_checked(key, value), expires_at=expires_at)

    async def aset(self, key: str, value: Json, *, retention: timedelta | None = None) -> None:
        await _in_thread(self.set, key, value, retention=retention)


class AssetStateStore(StateStore):
    """Of one asset: all tasks that have it as an inlet or outlet see the same values, in all runs."""

    def __init__(self, asset: Asset | AssetRef) -> None:
        self._named: dict[str, Json] = {
            name: getattr(asset, name) for name in ("name", "uri") if getattr(asset, name, None)
        }

    def _ask(self, do: str, key: str | None, **more: Json) -> Json:
        asked = {"do": do, "key": key, "asset": self._named, **more}
        return current_backend("asset_state_store").state_store(asked)

    def set(self, key: str, value: Json) -> None:
        """Store JSON other than None."""
        self._ask("set", key, value=_checked(key, value))

    async def aset(self, key: str, value: Json) -> None:
        await _in_thread(self.set, key, value)


class AssetStateStores(StateStore):
    """`asset_state_store[an_asset]` for an inlet or outlet of the task. A task with one asset needs no `[...]`."""

    def __init__(self, inlets: Sequence[Any], outlets: Sequence[Any]) -> None:
        self._inlets, self._outlets = inlets, outlets
        self._found: dict[tuple[str, str], AssetStateStore] | None = None

    def __getitem__(self, asset: Asset | AssetRef) -> AssetStateStore:
        if not isinstance(asset, Asset | AssetRef):
            raise TypeError(f"asset_state_store takes an asset or a reference to one, not {asset!r:.80}")
        try:
            return self._stores()[_place(asset)]
        except KeyError:
            raise KeyError(f"{asset!r} is neither an inlet nor an outlet of this task") from None

    def set(self, key: str, value: Json) -> None:
        self._only().set(key, value)

    async def aset(self, key: str, value: Json) -> None:
        await self._only().aset(key, value)

    def _ask(self, do: str, key: str | None, **more: Json) -> Json:
        return self._only()._ask(do, key, **more)

    def _only(self) -> AssetStateStore:
        stores = list(self._stores().values())
        if len(stores) != 1:
            raise ValueError(f"this task has {len(stores)} assets; say which: asset_state_store[an_asset]")
        return stores[0]

    def _stores(self) -> dict[tuple[str, str], AssetStateStore]:
        """An alias among the inlets stands for the assets that it led to."""
        if self._found is None:
            named = [asset for asset in (*self._inlets, *self._outlets) if isinstance(asset, Asset | AssetRef)]
            named += [asset for inlet in self._inlets if isinstance(inlet, AssetAlias) for asset in _led_to(inlet)]
            self._found = {_place(asset): AssetStateStore(asset) for asset in named}
        return self._found


def state_stores(inlets: Sequence[Any], outlets: Sequence[Any]) -> dict[str, Any]:
    """What a task's context has of them."""
    found: dict[str, Any] = {"task_state_store": TaskStateStore()}
    if any(isinstance(asset, Asset | AssetRef | AssetAlias) for asset in (*inlets, *outlets)):
        found["asset_state_store"] = AssetStateStores(inlets, outlets)
    return found


def _led_to(alias: AssetAlias) -> list[Asset]:
    events = current_backend("asset_state_store").asset_events({"alias": alias.name})
    return [Asset(name=event["name"], uri=event["uri"]) for event in events]


def _place(asset: Asset | AssetRef) -> tuple[str, str]:
    """An asset and a reference to its name are the same."""
    if isinstance(asset, Asset | AssetNameRef):
        return "name", asset.name
    assert isinstance(asset, AssetUriRef), "there are no other references"
    return "uri", asset.uri


def _checked(key: str, value: Json) -> Json:
    if value is None:
        raise ValueError(f"a state store cannot keep None under {key!r}; delete the key instead")
    try:
        size_bytes = len(json.dumps(value))
    except (TypeError, ValueError) as err:
        raise TypeError(f"a state store keeps JSON, and the value of {key!r} is none: {err}") from err
    if size_bytes > MAX_VALUE_BYTES:
        raise ValueError(
            f"the value of {key!r} takes {size_bytes} bytes and a state store keeps {MAX_VALUE_BYTES} at most; "
            "write it to a file and keep its path"
        )
    return value


async def _in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    import asyncio  # few tasks are coroutines

    return await asyncio.to_thread(function, *args, **kwargs)
