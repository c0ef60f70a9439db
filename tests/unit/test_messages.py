"""Frames in any pieces, what is no frame, and the two messages that are any executor's wire format."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_flow.errors import ProtocolError
from tui_flow.messages import FrameBuffer, Message, Report, RunFacts, Workload, decode, encode

TEXT = st.text(st.characters(), max_size=20)  # lone surrogates too: os.fsdecode makes them
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
MESSAGES = st.dictionaries(TEXT, VALUES, max_size=4).map(lambda data: {**data, "kind": "k"})


@given(st.lists(MESSAGES, max_size=5), st.data())
def test_messages_arrive_whole_however_the_stream_is_cut(messages: list[Message], data: st.DataObject) -> None:
    stream = b"".join(encode(message) for message in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    frames = FrameBuffer()
    arrived: list[Message] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        arrived += frames.feed(stream[start:end])
    assert arrived == messages


@given(MESSAGES)
def test_byte_by_byte(message: Message) -> None:
    frames = FrameBuffer()
    stream = encode(message)
    arrived = [found for byte in stream for found in frames.feed(bytes([byte]))]
    assert arrived == [message]
    assert encode(arrived[0]) == stream


def test_a_frame_over_the_limit_is_refused_as_soon_as_its_length_is_known() -> None:
    frames = FrameBuffer(max_frame_bytes=10)
    assert list(frames.feed(struct.pack(">I", 10))) == []
    with pytest.raises(ProtocolError, match="11 bytes is over the limit of 10"):
        list(FrameBuffer(max_frame_bytes=10).feed(struct.pack(">I", 11)))


def test_a_frame_of_just_the_limit_passes() -> None:
    frame = encode({"kind": "k"})
    assert list(FrameBuffer(max_frame_bytes=len(frame) - 4).feed(frame)) == [{"kind": "k"}]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"\x00\x00\x00",
        b"null",
        b"[]",
        b"{}",
        b'{"kind": 1}',
        b'{"kind": null}',
        b"[" * 100_000,
        b"1" * 10_000,
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_no_message(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(body)


@given(st.binary(max_size=64))
def test_garbage_is_a_protocol_error_or_not_yet_a_message(data: bytes) -> None:
    try:
        found = list(FrameBuffer(max_frame_bytes=60).feed(data))
    except ProtocolError:
        return
    assert all(isinstance(message.get("kind"), str) for message in found)


FACTS = st.builds(
    RunFacts, **dict.fromkeys(("run_id", "run_type", "run_after"), TEXT), conf=st.dictionaries(TEXT, VALUES)
)
WORKLOADS = st.builds(
    Workload,
    run=FACTS,
    xcoms=st.lists(st.tuples(TEXT, st.integers(-1, 9), TEXT, TEXT), max_size=3).map(tuple),
    xcoms_of=st.lists(TEXT, max_size=2).map(tuple),
    resume=VALUES,
    callback=VALUES,
    timeout_s=st.none() | st.floats(0, 1e6),
)
REPORTS = st.builds(
    Report,
    skips=st.lists(TEXT, max_size=2).map(tuple),
    effects=st.lists(MESSAGES, max_size=2).map(tuple),
    resume=VALUES,
    cpu_s=st.none() | st.floats(0, 1e6),
)


def over_the_wire(data: Message) -> Any:
    return json.loads(json.dumps(data))


@given(WORKLOADS)
def test_a_workload_comes_back_equal(workload: Workload) -> None:
    assert Workload.from_dict(over_the_wire(workload.to_dict())) == workload


@given(REPORTS)
def test_a_report_comes_back_equal(report: Report) -> None:
    assert Report.from_dict(over_the_wire(report.to_dict())) == report
