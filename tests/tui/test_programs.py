"""The user's editor and pager: what they are given, and what is said where they cannot be started."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import cast

import pytest
from textual.app import SuspendNotSupported

from tui_flow.tui.desk import Desk
from tui_flow.tui.programs import edited, open_at_its_end, open_in_editor, open_in_pager


class Terminal:
    """The part of a desk that programs need."""

    def __init__(self, is_browser: bool = False) -> None:
        self.said = ""
        self._is_browser = is_browser

    def toast(self, text: str) -> None:
        self.said = text

    def set_aside(self) -> AbstractContextManager[None]:
        if self._is_browser:
            raise SuspendNotSupported
        return nullcontext()


def program(folder: Path, script: str) -> str:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return str(path)


def test_editor_gets_the_line_and_gives_the_text_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", program(tmp_path, 'echo "$1 $2 $(cat "$3")" > "$3"') + " -x")
    assert edited(cast(Desk, Terminal()), "old", "conf.json") == "-x +1 old\n"


def test_pager_has_a_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAGER", raising=False)
    seen = tmp_path / "seen"
    assert open_in_pager(cast(Desk, Terminal()), tmp_path, program(tmp_path, f'echo "$1" > {seen}'))
    assert seen.read_text() == f"{tmp_path}\n"


def test_what_grows_is_opened_at_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    Path(program(tmp_path, f'echo "$@" > {seen}')).rename(tmp_path / "less")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("PAGER", raising=False)
    assert open_at_its_end(cast(Desk, Terminal()), tmp_path / "scheduler.log")
    assert seen.read_text() == f"+G {tmp_path / 'scheduler.log'}\n"


@pytest.mark.parametrize(
    ("editor", "says"),
    [("/nowhere/vim", "cannot run /nowhere/vim: No such file"), ("vim '", "vim ' is no command: No closing quotation")],
)
def test_says_why_it_cannot_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, editor: str, says: str) -> None:
    monkeypatch.setenv("EDITOR", editor)
    desk = Terminal()
    assert not open_in_editor(cast(Desk, desk), tmp_path)
    assert says in desk.said
    assert edited(cast(Desk, desk), "text", "conf.json") is None


def test_says_that_a_browser_is_no_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "vi")
    desk = Terminal(is_browser=True)
    assert not open_in_editor(cast(Desk, desk), tmp_path)
    assert desk.said == "vi needs a terminal, and a browser is none"


def test_a_file_in_a_zip_file_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "true")
    (tmp_path / "team.zip").touch()
    desk = Terminal()
    assert not open_in_editor(cast(Desk, desk), tmp_path / "team.zip" / "etl.py")
    assert desk.said == "etl.py lies in team.zip: change it where that is made from"
    assert open_in_editor(cast(Desk, desk), tmp_path / "etl.py")
