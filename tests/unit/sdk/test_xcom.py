from __future__ import annotations

import math
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, StrEnum
from ipaddress import ip_address, ip_network
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_flow.sdk import xcom
from tui_flow.sdk.exceptions import XComNotSerializable


@attrs.define
class Place:
    name: str
    _inner: list[str]
    size: int = attrs.field(init=False, default=3)


class Colour(Enum):
    RED = 1


class Word(StrEnum):
    A = "a"


class Point(NamedTuple):
    x: int
    y: Any


@dataclass(frozen=True)
class Row:
    name: str
    at: datetime
    rest: tuple[int, ...] = ()


class Model:
    """What a pydantic model looks like from outside."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def model_dump(self, mode: str) -> dict[str, Any]:
        return self.fields

    @classmethod
    def model_validate(cls, fields: dict[str, Any]) -> Model:
        return cls(**fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and self.fields == other.fields

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Model({self.fields})"


class Text(str):
    pass


zones = st.sampled_from(
    [UTC, ZoneInfo("Europe/Zurich"), ZoneInfo("UTC"), timezone(timedelta(hours=5, minutes=30)), None]
)
texts = st.text(st.characters(codec="utf-8"), max_size=8)
hashables = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | texts
    | st.binary(max_size=8)
    | st.dates()
    | st.uuids()
    | st.decimals(allow_nan=False)
)
scalars = (
    hashables
    | st.floats()
    | st.times()
    | st.timedeltas()
    | st.datetimes().flatmap(lambda at: zones.map(lambda zone: at.replace(tzinfo=zone)))
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(hashables | st.just("$t") | st.just("$file"), inner, max_size=3)
        | st.frozensets(hashables, max_size=3)
        | st.sets(hashables, max_size=3)
    ),
    max_leaves=8,
)


def shape(value: Any) -> Any:
    """Equal for equal values of equal types; NaN equals NaN."""
    if isinstance(value, dict):
        return dict, [(shape(key), shape(part)) for key, part in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [shape(part) for part in value]
    if isinstance(value, set | frozenset):
        return type(value), sorted(map(repr, value))
    return type(value), repr(value)


@given(values)
def test_what_is_pulled_is_what_was_pushed(value: Any) -> None:
    assert shape(xcom.decode(xcom.encode(value))) == shape(value)


@pytest.mark.parametrize(
    "value",
    [
        math.inf,
        -0.0,
        2**70,
        "ü\0\n",
        {"$t": "date", "v": "2024-01-01"},
        {"$file": "/etc/passwd"},
        {1: "a", (1, 2): "b", None: "c"},
        Decimal("1.10"),
        UUID(int=5),
        Path("/tmp/x"),
        PurePosixPath("y"),
        time(1, 2, tzinfo=UTC),
        datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Zurich")),
        1 + 2j,
        Colour.RED,
        Word.A,
        Point(1, {2}),
        Row("r", datetime(2024, 1, 1, tzinfo=UTC), (1,)),
        Model(name="m", when=datetime(2024, 1, 1, tzinfo=UTC)),
        pendulum.datetime(2024, 1, 1, tz="Europe/Zurich"),
        pendulum.datetime(2024, 1, 1).in_timezone(pendulum.timezone(7200)),
        pendulum.naive(2024, 1, 1),
        pendulum.date(2024, 1, 1),
    ],
    ids=repr,
)
def test_values_of_many_types_come_back(value: Any) -> None:
    back = xcom.decode(xcom.encode(value))
    assert shape(back) == shape(value)


def test_plain_json_is_stored_as_it_is() -> None:
    assert xcom.encode({"a": [1, 2.5, None, True, "ü"]}) == '{"a":[1,2.5,null,true,"ü"]}'


@pytest.mark.parametrize(
    "value",
    [
        OrderedDict([("b", 1), ("a", (1, 2))]),
        Counter("aab"),
        deque([1, {2}], maxlen=3),
        defaultdict(list, a=[1]),
        defaultdict(None, {1: 2}),
        bytearray(b"x\xff"),
        range(1, 9, 2),
        ip_address("10.0.0.1"),
        ip_network("2001:db8::/32"),
        ZoneInfo("Europe/Berlin"),
        Place("here", ["x"]),
    ],
    ids=repr,
)
def test_collections_addresses_and_attrs_come_back(value: Any) -> None:
    back = xcom.decode(xcom.encode(value))
    assert (type(back), back, repr(back)) == (type(value), value, repr(value))
    assert getattr(back, "default_factory", 0) is getattr(value, "default_factory", 0)


class Unknown:
    pass


class Counted(dict[str, int]):
    pass


def cyclic() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@dataclass
class Changes:
    """Comes back unlike it was."""

    text: str

    def __post_init__(self) -> None:
        self.text = self.text + "!"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Unknown(), "test_xcom.Unknown cannot be an XCom"),
        ([{"deep": Unknown()}], "Unknown"),
        (cyclic(), "contains itself"),
        ("\ud800", "surrogate"),
        (defaultdict(lambda: 1), "unless its factory is a class"),
        (Counted(a=1), "test_xcom.Counted cannot be an XCom"),
        (Text("x"), "Text"),
        (True.__and__, "method"),
        (Changes("x"), "would not come back"),
        ((x for x in "ab"), "generator"),
    ],
)
def test_values_that_would_not_come_back_fail_the_push(value: Any, message: str) -> None:
    with pytest.raises(XComNotSerializable, match=message):
        xcom.encode(value)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (Unknown(), ""),
        ({"rows": [1, 2, {"at": Unknown()}]}, "['rows'][2]['at']"),
        ({1: (0, Unknown())}, "[1][1]"),
        ({Unknown(): 1}, ""),
    ],
)
def test_the_part_that_is_refused_is_found(value: Any, place: str) -> None:
    assert xcom.culprit(value) == place


def test_classes_inside_functions_are_refused() -> None:
    @dataclass
    class Local:
        x: int

    with pytest.raises(XComNotSerializable, match="not a top-level class"):
        xcom.encode(Local(1))


def test_people_are_shown_spans_and_pendulums_instants_as_text() -> None:
    value = {"span": timedelta(days=1, seconds=3), "at": pendulum.datetime(2024, 1, 1, tz="Europe/Paris")}
    assert xcom.plain(xcom.encode(value)) == {"span": "1 day, 0:00:03", "at": "2024-01-01T00:00:00+01:00"}


def test_people_are_shown_the_content_without_importing_anything() -> None:
    value = {"at": datetime(2024, 1, 1, tzinfo=UTC), "on": date(2024, 1, 1), "row": Point(1, {2}), 3: b"x"}
    text = xcom.encode(value).replace("test_xcom", "gone")
    assert xcom.plain(text) == {"at": "2024-01-01T00:00:00+00:00", "on": "2024-01-01", "row": [1, [2]], "3": "eA=="}
