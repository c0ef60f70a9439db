"""Assets as authors write them: names and URIs, combinations, `@asset`, events to announce and to read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.unit.sdk.fakes import FakeBackend, run_task
from tui_flow import (
    DAG,
    Asset,
    AssetAlias,
    AssetAll,
    AssetAny,
    AssetWatcher,
    BashOperator,
    Dataset,
    Metadata,
    asset,
    task,
)
from tui_flow.errors import BadDag
from tui_flow.sdk.asset_events import AssetEvent, InletEventsAccessors, TriggeringAssetEvents
from tui_flow.sdk.backend import backend_in_use
from tui_flow.sdk.current import DagContext
from tui_flow.sdk.outlet_events import OutletEventAccessors
from tui_flow.sdk.to_spec import dag_to_spec
from tui_flow.spec import Json

A, B, C = map(Asset, "abc")


@pytest.mark.parametrize(
    ("written", "normalized"),
    [
        ("s3://bucket", "s3://bucket/"),
        ("s3://bucket/key/", "s3://bucket/key"),
        ("s3://bucket/key#part", "s3://bucket/key"),
        ("HTTP://u:p@h/x", "http://h/x"),
        ("ftp://u@h/x", "ftp://u@h/x"),
        ("X-mine://A?b=2&a=1", "X-mine://A?b=2&a=1"),
        ("no uri/", "no uri/"),
    ],
)
def test_uris_are_normalized(written: str, normalized: str) -> None:
    assert Asset("n", written).uri == normalized == Asset.ref(uri=written).describe()["uri"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Asset(" "), "just whitespace"),
        (lambda: Asset("n", ""), "uri cannot be empty"),
        (lambda: Asset("a" * 1501), "1500"),
        (lambda: Asset(3), "must be text"),  # type: ignore[arg-type]
        (lambda: Asset("airflow://x"), "reserved"),
        (lambda: Asset("self"), "called 'self'"),
        (lambda: AssetAlias(""), "AssetAlias name cannot be empty"),
    ],
)
def test_what_cannot_be_an_asset(make: Any, words: str) -> None:
    with pytest.raises(BadDag, match=words):
        make()


def test_arguments_that_are_missing_or_too_many() -> None:
    with pytest.raises(TypeError, match="name or a uri"):
        Asset()
    with pytest.raises(TypeError, match="one of"):
        Asset.ref(name="a", uri="b")
    with pytest.raises(TypeError, match="combines assets"):
        AssetAll(A, "b")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        A & "b"  # type: ignore[operator]


def test_an_asset_is_its_name_and_uri() -> None:
    assert Asset("x", extra={"k": 1}, group="g") == Dataset("x") and hash(Asset("x")) == hash(Dataset("x"))
    assert Asset("x") != Asset("x", "file:///x")
    assert os.fspath(Asset("n", "file:///p")) == "file:///p"


def test_combinations_of_one_kind_are_flat() -> None:
    assert (A & B) & C == AssetAll(A, B, C) == A & (B & C)
    assert (A | B) | C == AssetAny(A, B, C) != AssetAll(A, B, C)
    assert (A | (B & C)).describe()["of"][1]["kind"] == "all"


def schedule_of(schedule: Any) -> Mapping[str, Json]:
    with DAG("d", schedule=schedule) as dag:
        BashOperator(task_id="t", bash_command="true")
    return dag_to_spec(dag, "d.py", "tui_flow").timetable


def test_a_list_means_all() -> None:
    assert schedule_of([A, B]) == schedule_of((A, B)) == schedule_of(A & B)
    assert schedule_of([A | B])["assets"]["of"] == [(A | B).describe()]
    for wrong in ([], [A, "@daily"]):
        with pytest.raises(BadDag, match="DAG 'd'.*asset"):
            schedule_of(wrong)


# Watchers


def watched(uri: str, watcher: AssetWatcher) -> Json:
    return Asset("n", uri, watchers=[watcher]).describe()["watchers"]


class FileDeleteTrigger:
    filepath = "/in/../x"


class Message:
    queue = "sqs"


def test_what_a_watcher_watches() -> None:
    assert watched("file:///data/a%20b", AssetWatcher("w")) == [{"name": "w", "path": "/data/a b"}]
    assert watched("s3://b/", AssetWatcher("w", path="/x/y")) == [{"name": "w", "path": "/x/y"}]
    assert watched("n", AssetWatcher("w", FileDeleteTrigger())) == [{"name": "w", "path": "/x", "deletes": True}]


@pytest.mark.parametrize("watcher", [AssetWatcher("w"), AssetWatcher("w", path="x"), AssetWatcher("w", Message())])
def test_only_files_are_watched(watcher: AssetWatcher) -> None:
    with pytest.raises(BadDag, match="asset 'n'.*(path to watch|only files)"):
        watched("s3://b/", watcher)


# @asset


def made_by(define: Any) -> DAG:
    DagContext.take_registered()
    define()
    return DagContext.take_registered()[0]  # type: ignore[no-any-return]


def test_an_asset_function_is_a_dag_of_one_task() -> None:
    def define() -> None:
        @asset(schedule=A, uri="file:///made", tags=["t"], group="g")
        def made(self: Any, context: Any, ds: Any, other: Any, limit: int = 3) -> None:
            """What it is."""

        assert (made.name, made.uri, made.group) == ("made", "file:///made", "g")
        assert schedule_of(made)["assets"]["name"] == "made"

    spec = dag_to_spec(made_by(define), "d.py", "airflow3")
    assert (spec.dag_id, spec.tags, spec.catchup, spec.doc) == ("made", ("t",), False, "What it is.")
    (only,) = spec.tasks
    assert (only.task_id, only.operator) == ("made", "@asset")
    assert [outlet["name"] for outlet in only.outlets] == ["made"]
    assert only.inlets == ({"kind": "ref", "name": "other"},)


def test_multi_makes_several() -> None:
    def define() -> None:
        @asset.multi(schedule=None, outlets=[A, B | C])
        def several() -> None: ...

        assert schedule_of(several)["assets"] == AssetAll(A, B | C).describe()

    spec = dag_to_spec(made_by(define), "d.py", "airflow3")
    assert [outlet["name"] for outlet in spec.tasks[0].outlets] == ["a", "b", "c"]
    with pytest.raises(BadDag, match="at least one"):
        asset.multi(schedule=None, outlets=[])


def test_its_arguments_must_be_named() -> None:
    with pytest.raises(BadDag, match=r"takes \*args"):

        @asset(schedule=None)
        def broken(*args: Any) -> None: ...


class AssetBackend(FakeBackend):
    """Knows one asset and its events."""

    asked: list[Any]

    def find_asset(self, name: str | None, uri: str | None) -> Mapping[str, Json] | None:
        return {"name": "other", "uri": "file:///o", "group": "g", "extra": {"k": 1}} if name == "other" else None

    def asset_events(self, which: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
        self.asked = [*getattr(self, "asked", []), dict(which)]
        return [event_row(1), event_row(2)]

    def triggering_asset_events(self) -> Sequence[Mapping[str, Json]]:
        return [event_row(1), event_row(2, name="b", aliases=["x"])]


def event_row(number: int, name: str = "a", aliases: Sequence[str] = ()) -> dict[str, Json]:
    source = {"dag_id": "p", "task_id": "t", "run_id": "r", "map_index": -1}
    return {
        "id": number,
        "at": f"2026-01-0{number}T00:00:00+00:00",
        "name": name,
        "uri": f"file:///{name}",
        "group": "asset",
        "extra": {"n": number},
        "aliases": list(aliases),
        "source": source if number == 1 else {"by": "somebody"},
        "run": None,
    }


def test_an_asset_functions_arguments() -> None:
    seen: dict[str, Any] = {}

    def define() -> None:
        @asset(schedule=None)
        def made(self: Any, context: Any, ds: Any, other: Any, limit: int = 3) -> int:
            seen.update(me=self, dag=context["dag"].dag_id, ds=ds, other=other, limit=limit)
            return 5

    dag = made_by(define)
    with backend_in_use(AssetBackend()):
        assert run_task(dag.get_task("made")).result == 5
    assert (seen["me"], seen["dag"], seen["ds"], seen["limit"]) == (Asset("made"), "made", "2024-06-15", 3)
    assert seen["other"] == Asset("other", "file:///o") and seen["other"].extra == {"k": 1}


# Announcing


def test_what_a_success_says_of_its_outlets() -> None:
    events = OutletEventAccessors()
    events[A].extra["rows"] = 3
    events[AssetAlias("x")].add(B, extra={"k": 1})
    events[C].extra["not"] = "an outlet"
    found = events.events([A, AssetAlias("x"), Asset.ref(name="r"), {"lineage": "file"}])
    assert [(event["asset"]["name"], event["extra"], event["alias"]) for event in found] == [
        ("a", {"rows": 3}, None),
        ("b", {"k": 1}, "x"),
        ("r", {}, None),
    ]


def test_an_extra_set_under_a_reference_is_the_assets() -> None:
    events = OutletEventAccessors()
    events[Asset.ref(name="a")].extra = {"k": 1}
    assert events.events([A])[0]["extra"] == {"k": 1}
    assert events.events([B])[0]["extra"] == {}


def test_text_means_a_uri_as_in_airflow_2() -> None:
    events = OutletEventAccessors()
    dataset = Dataset("s3://bucket/key")
    events["s3://bucket/key/"].extra["k"] = 1
    events[AssetAlias("x")].add("s3://bucket/other")
    events.announce(Metadata("s3://bucket/key", {"n": 2}))
    assert [(e["asset"]["uri"], e["extra"]) for e in events.events([dataset, AssetAlias("x")])] == [
        ("s3://bucket/key", {"k": 1, "n": 2}),
        ("s3://bucket/other", {}),
    ]
    backend = AssetBackend()
    with backend_in_use(backend):
        list(InletEventsAccessors([dataset])["s3://bucket/key"])
    assert backend.asked == [{"uri": "s3://bucket/key"}]


def test_text_means_an_alias_where_assets_are_added_to_it() -> None:
    events = OutletEventAccessors()
    events["x"].add(Dataset("s3://bucket/one"), extra={"k": 1})
    events[AssetAlias("x")].add("s3://bucket/two")
    events["y"].add("s3://bucket/of another alias")
    found = events.events([AssetAlias("x")])
    assert [(event["asset"]["uri"], event["extra"], event["alias"]) for event in found] == [
        ("s3://bucket/one", {"k": 1}, "x"),
        ("s3://bucket/two", {}, "x"),
    ]


def test_what_cannot_be_announced() -> None:
    events = OutletEventAccessors()
    with pytest.raises(TypeError, match="no AssetAlias"):
        events[A].add(B)
    with pytest.raises(TypeError, match="asset or an alias"):
        events[3]  # type: ignore[index]
    events[A].extra["x"] = object()
    with pytest.raises(TypeError, match=r"extra of the event of .*not JSON"):
        events.events([A])


def events_after(function: Any, outlets: list[Any]) -> tuple[Any, list[dict[str, Json]]]:
    with DAG("d") as dag:
        task(outlets=outlets)(function)()
    ran = run_task(dag.tasks[0])
    return ran.result, ran.context["outlet_events"].events(outlets)


def test_metadata_is_yielded_or_returned() -> None:
    def yields() -> Any:
        yield Metadata(A, {"rows": 1})
        yield Metadata(B, {"k": 2}, alias="x")
        yield "ignored"
        return 7

    def returns() -> Any:
        return Metadata(A, {"rows": 2})

    result, events = events_after(yields, [A, AssetAlias("x")])
    assert result == 7 and [event["extra"] for event in events] == [{"rows": 1}, {"k": 2}]
    result, events = events_after(returns, [A])
    assert result is None and [event["extra"] for event in events] == [{"rows": 2}]


def test_the_context_has_one_accessor_however_it_is_asked_for() -> None:
    def both(*, outlet_events: Any, **context: Any) -> None:
        outlet_events[A].extra["one"] = 1
        context["ti"].task.log.debug("seen")

    def through_context(**context: Any) -> None:
        context["outlet_events"][A].extra["two"] = 2

    assert events_after(both, [A])[1][0]["extra"] == {"one": 1}
    assert events_after(through_context, [A])[1][0]["extra"] == {"two": 2}


# Reading


def test_inlet_events_are_asked_for_when_looked_at() -> None:
    backend = AssetBackend()
    with backend_in_use(backend):
        inlets = InletEventsAccessors([A, AssetAlias("x"), Asset.ref(uri="file:///u"), "lineage"])
        assert len(inlets) == 3 and not hasattr(backend, "asked")
        assert inlets[A][-1].extra == {"n": 2} and inlets[0][0].source_task_id == "t"
        assert [event.id for event in inlets[AssetAlias("x")][:1]] == [1]
        list(inlets.for_asset(uri="file:///u"))
    which: list[Json] = [{"name": "a", "uri": "a"}, {"name": "a", "uri": "a"}, {"alias": "x"}, {"uri": "file:///u"}]
    assert backend.asked == which


def test_inlet_events_can_be_narrowed() -> None:
    backend = AssetBackend()
    with backend_in_use(backend):
        events = InletEventsAccessors([A]).for_asset(name="a", uri="a")
        list(events.after("2026-01-01T00:00:00+00:00").limit(3).ascending(False).extra("k", "v"))
        list(events.before("2026-02-01"))
    narrowed = {
        "name": "a",
        "uri": "a",
        "after": "2026-01-01T00:00:00+00:00",
        "limit": 3,
        "ascending": False,
        "with_extra": {"k": "v"},
    }
    assert backend.asked == [narrowed, narrowed | {"before": "2026-02-01T00:00:00+00:00"}]


def test_only_inlets_have_inlet_events() -> None:
    with pytest.raises(KeyError, match="no inlet"):
        InletEventsAccessors([A])[B]


def test_triggering_events_by_asset_name_uri_and_alias() -> None:
    with backend_in_use(AssetBackend()):
        events = TriggeringAssetEvents()
        first, second = events[Asset("a", "file:///a")][0], events["file:///b"][0]
        assert list(events) == [Asset("a", "file:///a"), Asset("b", "file:///b"), AssetAlias("x")]
        assert events["b"] == events[AssetAlias("x")] == events.for_asset(name="b") == [second]
        assert list(TriggeringAssetEvents(by_uri=True)) == ["file:///a", "file:///b"]
        assert "c" not in events
    assert (first.source_dag_id, first.source_task_instance is None) == ("p", False)
    assert (second.source_dag_id, second.source_task_instance, second.source_dag_run) == (None, None, None)
    assert isinstance(first, AssetEvent) and first.timestamp.year == 2026
