"""Variables and connections at rest, pools, requests and the audit trail."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.store_kit import NOW, database
from tui_flow import errors
from tui_flow.records import ConnectionRow, Pool
from tui_flow.settings import key_file
from tui_flow.store.reader import Reader
from tui_flow.store.writer import Writer

SECRET = "swordfish-0815"


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(database(tmp_path)) as writer:
        yield writer


def test_secrets_are_not_in_the_files_and_come_back(tmp_path: Path, writer: Writer) -> None:
    row = ConnectionRow("c", "postgres", "db", "me", SECRET, "public", 5432, '{"k": "v"}', "the warehouse")
    assert not key_file().exists()
    writer.set_variable("v", SECRET, "about", NOW)
    writer.set_connection(row, NOW)
    with Reader(database(tmp_path)) as reader:
        assert reader.connections() == [row] and reader.connection("x") is None
        variable = reader.variable("v")
        assert variable is not None and (variable.value, variable.description) == (SECRET, "about")
    writer.set_variable("v", "new", None, NOW)
    assert [(row.value, row.description) for row in writer.reads.variables()] == [("new", "about")]
    for file in database(tmp_path).parent.iterdir():
        assert SECRET.encode() not in file.read_bytes(), file
    assert key_file().stat().st_mode & 0o777 == 0o600


def test_a_row_that_was_swapped_is_refused(writer: Writer) -> None:
    writer.set_variable("mine", "1", None, NOW)
    writer.set_variable("yours", SECRET, None, NOW)
    writer.change("UPDATE variable SET value = (SELECT value FROM variable WHERE key = 'yours')")
    with pytest.raises(errors.HomeError, match="'mine' holds the sealed value of variable 'yours'"):
        writer.reads.variable("mine")


def test_a_lost_key_is_never_replaced(tmp_path: Path, writer: Writer) -> None:
    writer.set_variable("v", "1", None, NOW)
    key = key_file().read_bytes()
    key_file().unlink()
    with Writer(database(tmp_path)) as again:
        with pytest.raises(errors.HomeError, match="missing"):
            again.reads.variable("v")
        with pytest.raises(errors.HomeError, match="missing"):
            again.set_variable("w", "2", None, NOW)
        assert not key_file().exists()
        os.close(os.open(key_file(), os.O_CREAT | os.O_WRONLY, 0o600))
        key_file().write_bytes(key)
        assert again.reads.variable("v") is not None


@pytest.mark.parametrize(
    ("mode", "content", "words"), [(0o644, None, "chmod 600"), (0o600, b"short", "not a Fernet key")]
)
def test_a_key_file_that_is_no_secret_is_refused(
    tmp_path: Path, writer: Writer, mode: int, content: bytes | None, words: str
) -> None:
    writer.set_variable("v", "1", None, NOW)
    key_file().chmod(mode)
    if content is not None:
        key_file().write_bytes(content)
    with Reader(database(tmp_path)) as reader, pytest.raises(errors.HomeError, match=words):
        reader.variable("v")


def test_another_key_is_told_from_the_right_one(tmp_path: Path, writer: Writer) -> None:
    writer.set_variable("v", "1", None, NOW)
    with Writer(tmp_path / "other" / "tuiflow.db", secrets_key=tmp_path / "key2") as other:
        other.set_variable("v", "1", None, NOW)
    with (
        Reader(database(tmp_path), secrets_key=tmp_path / "key2") as reader,
        pytest.raises(errors.HomeError, match="sealed with another key"),
    ):
        reader.variable("v")


def test_pools_and_requests(writer: Writer) -> None:
    writer.set_pool(Pool("small", 2, True, "for the printer"))
    writer.set_pool(Pool("small", 3))
    assert [use.pool for use in writer.reads.pools()] == [
        Pool("default_pool", 128, False, "Tasks that name no pool"),
        Pool("small", 3),
    ]
    assert writer.delete_pool("small") and not writer.delete_pool("small")
    writer.store_answer("q1", "pause", {"x": [1]}, NOW)
    assert writer.reads.answer("q1") == ("pause", {"x": [1]}) and writer.reads.answer("q2") is None
    writer.add_event("me", "pause", NOW, {"dag_id": "d"}, "q1", before=None, after={"x": 1})
    (event,) = writer.reads.events("d")
    assert (event.who, event.verb, event.request_id, event.after) == ("me", "pause", "q1", {"x": 1})
    writer.forget_answers(NOW)
    assert writer.reads.answer("q1") is not None
    writer.forget_answers(NOW.replace(year=2027))
    assert writer.reads.answer("q1") is None
