"""What tasks keep for themselves and on their assets, asked of a home in memory."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.sdk.fakes import FakeBackend
from tui_flow.errors import NotPossible
from tui_flow.sdk.asset import Asset, AssetAlias
from tui_flow.sdk.backend import backend_in_use
from tui_flow.sdk.state_store import NEVER_EXPIRE, AssetStateStores, TaskStateStore, state_stores

A, B = Asset("a", "file:///a"), Asset("b", "file:///b")


def test_values_are_kept_by_key() -> None:
    with backend_in_use(FakeBackend()):
        store = TaskStateStore()
        assert store.get("job") is None and store.get("job", default=7) == 7
        store.set("job", {"id": [1, 2]})
        store.set("other", False)
        assert store.get("job") == {"id": [1, 2]} and store.get("other", default=True) is False
        store.delete("job")
        assert (store.get("job"), store.get("other")) == (None, False)
        store.clear()
        assert store.get("other") is None


def test_coroutines_keep_values_too() -> None:
    async def keep(store: TaskStateStore) -> Any:
        await store.aset("job", 1, retention=NEVER_EXPIRE)
        found = await store.aget("job")
        await store.adelete("job")
        await store.aclear()
        return found, await store.aget("job", default="gone")

    with backend_in_use(FakeBackend()):
        assert asyncio.run(keep(TaskStateStore())) == (1, "gone")


def test_retention_is_told_as_a_date() -> None:
    home = FakeBackend()
    with backend_in_use(home):
        for retention in (None, NEVER_EXPIRE, timedelta(days=400)):
            TaskStateStore().set("k", 1, retention=retention)
    dates = [asked["expires_at"] for asked in home.asked_of_stores]
    assert dates[:2] == [None, None]
    assert datetime.fromisoformat(dates[2]) > datetime.now(UTC) + timedelta(days=300)


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (None, ValueError, "cannot keep None under 'k'"),
        ({1, 2}, TypeError, "value of 'k' is none"),
        ("x" * 2_000_000, ValueError, "write it to a file"),
    ],
    ids=["none", "no JSON", "too large"],
)
def test_what_cannot_be_kept_is_refused(value: Any, error: type[Exception], words: str) -> None:
    home = FakeBackend()
    with backend_in_use(home):
        for store in (TaskStateStore(), AssetStateStores([A], [])):
            with pytest.raises(error, match=words):
                store.set("k", value)
    assert home.asked_of_stores == []


def test_assets_have_a_store_each() -> None:
    with backend_in_use(FakeBackend()):
        stores = AssetStateStores([A], [B])
        stores[A].set("k", 1)
        stores[Asset.ref(name="b")].set("k", 2)
        stores[B].set("other", 3)
        assert (stores[A].get("k"), stores[A].get("other"), stores[B].get("other")) == (1, None, 3)
        with pytest.raises(ValueError, match="has 2 assets"):
            stores.get("k")
        with pytest.raises(KeyError, match="neither an inlet nor an outlet"):
            stores[Asset("c")]
        with pytest.raises(TypeError, match="not 'a'"):
            stores["a"]  # type: ignore[index]


def test_a_single_asset_needs_no_name() -> None:
    home = FakeBackend()
    with backend_in_use(home):
        AssetStateStores([A], [A]).set("k", 1)
        assert AssetStateStores([], [A])[A].get("k") == 1
    assert home.asked_of_stores[0]["asset"] == {"name": "a", "uri": "file:///a"}


def test_an_alias_stands_for_what_it_led_to() -> None:
    class Home(FakeBackend):
        def asset_events(self, which: Any) -> Any:
            return [{"name": "b", "uri": "file:///b"}] if which == {"alias": "x"} else []

    with backend_in_use(Home()):
        stores = AssetStateStores([AssetAlias("x")], [])
        stores.set("k", 3)
        assert stores[B].get("k") == 3


def test_only_tasks_with_assets_have_a_store_of_them() -> None:
    assert state_stores([], []).keys() == {"task_state_store"}
    assert state_stores([A], []).keys() == state_stores([], [A]).keys() == {"task_state_store", "asset_state_store"}


def test_outside_a_task_there_is_none() -> None:
    with pytest.raises(NotPossible, match="task_state_store can only be had inside a running task"):
        TaskStateStore().get("k")
