"""The README shows what `python -m tests.pictures` makes, which tells nothing of the machine that made it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs import README
from tests.pictures import PICTURES, PICTURES_OF, SHOWN_FOLDER, anonymous
from tui_flow.settings import Home


def test_the_readme_shows_every_picture_that_is_made() -> None:
    shown = re.findall(r"\(\.docs/pictures/(\w+)\.svg\)", README.read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(PICTURES_OF) == sorted(path.stem for path in PICTURES.iterdir())


@pytest.mark.parametrize("name", PICTURES_OF)
def test_a_picture_is_anonymous_and_fetches_nothing(name: str) -> None:
    drawn = (PICTURES / f"{name}.svg").read_text(encoding="utf-8")
    assert PICTURES_OF[name].shows.split()[0] in drawn
    assert not re.search(r"url\(|/tmp/|/root/|/work/|by&#160;root", re.sub(r"url\(#[\w-]+\)", "", drawn))


def test_paths_of_this_machine_are_taken_out_where_they_are_cut_too() -> None:
    assert anonymous("File /tmp/ab12/.tuif…", Home(Path("/tmp/ab12/.tuiflow"))) == f"File {SHOWN_FOLDER}/.tuif…"
