"""What a field for a folder makes of what is typed, on a real disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_flow.tui.folder_field import completed


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name in ("dags", "dags-old", "photos", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "photos.txt").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "made"),
    [("/d", "/dags"), ("/dags-", "/dags-old/"), ("/ph", "/photos/"), ("/x", "/x"), ("/.h", "/.hidden/"), ("/", "/")],
)
def test_what_all_folders_have_in_common_is_completed(here: Path, typed: str, made: str) -> None:
    assert completed(f"{here}{typed}") == f"{here}{made}"


def test_a_home_folder_and_the_current_one_are_known(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.chdir(here)
    assert completed("~/ph") == "~/photos/"
    assert completed("ph") == "photos/"
    assert completed("~nobody-of-that-name/x") == "~nobody-of-that-name/x"
    assert completed("a\0b/c") == "a\0b/c"
