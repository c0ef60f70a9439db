"""Changes are noticed: by inotify and by polling, under the things that people and programs do to files."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tui_flow.loader.watch import Watcher

PATIENCE_S = 20


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "dags"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.py").write_text("1")
    (folder / "sub/b.yml").write_text("1")
    return folder


@pytest.fixture(params=["inotify", "polling"])
def watcher(root: Path, request: pytest.FixtureRequest) -> Iterator[Watcher]:
    made = Watcher(root, poll_s=0.01 if request.param == "polling" else 0.0)
    assert (made.fileno() is None) == (request.param == "polling")
    yield made
    made.close()


def wait_for(watcher: Watcher, *wanted: Path) -> set[Path]:
    """Changes until all of these were reported, themselves or by a folder above them."""
    seen: set[Path] = set()
    deadline = time.monotonic() + PATIENCE_S
    while not all(any(path == found or found in path.parents for found in seen) for path in wanted):
        assert time.monotonic() < deadline, f"{wanted} not among {seen}"
        wait_s = watcher.poll_interval_s or PATIENCE_S
        fd = watcher.fileno()
        select.select([] if fd is None else [fd], [], [], wait_s)
        seen |= watcher.changes()
    return seen


def save_in_place(file: Path) -> None:
    file.write_text("2")


def save_by_rename(file: Path) -> None:
    new = file.with_name("." + file.name + ".new")
    new.write_text("2")
    os.replace(new, file)


def save_with_backup(file: Path) -> None:
    os.rename(file, file.with_name(file.name + "~"))
    file.write_text("2")


def touch(file: Path) -> None:
    os.utime(file, (1, 1))


def delete(file: Path) -> None:
    file.unlink()


def make_readable_only(file: Path) -> None:
    file.chmod(0o400)


@pytest.mark.parametrize("edit", [save_in_place, save_by_rename, save_with_backup, touch, delete, make_readable_only])
@pytest.mark.parametrize("name", ["a.py", "sub/b.yml"])
def test_edits(watcher: Watcher, root: Path, name: str, edit: Callable[[Path], None]) -> None:
    assert watcher.changes() == set()
    edit(root / name)
    wait_for(watcher, root / name)


def test_new_files_and_links(watcher: Watcher, root: Path) -> None:
    (root / "new.py").write_text("1")
    os.link(root / "a.py", root / "hard.py")
    (root / "soft.py").symlink_to("a.py")
    wait_for(watcher, root / "new.py", root / "hard.py", root / "soft.py")


def test_new_folders_are_watched(watcher: Watcher, root: Path) -> None:
    (root / "x/y").mkdir(parents=True)
    (root / "x/y/z.py").write_text("1")
    wait_for(watcher, root / "x/y/z.py")
    (root / "x/y/z.py").write_text("22")
    wait_for(watcher, root / "x/y/z.py")


def test_a_folder_moved_in_is_watched_and_one_moved_out_is_not(watcher: Watcher, root: Path, tmp_path: Path) -> None:
    (tmp_path / "new/deep").mkdir(parents=True)
    (tmp_path / "new/deep/c.py").write_text("1")
    os.rename(tmp_path / "new", root / "new")
    wait_for(watcher, root / "new/deep/c.py")
    os.rename(root / "new", root / "renamed")
    wait_for(watcher, root / "new/deep/c.py", root / "renamed/deep/c.py")
    (root / "renamed/deep/c.py").write_text("22")
    wait_for(watcher, root / "renamed/deep/c.py")
    os.rename(root / "renamed", tmp_path / "away")
    wait_for(watcher, root / "renamed/deep/c.py")
    (tmp_path / "away/deep/c.py").write_text("333")
    (root / "a.py").write_text("22")
    assert root / "renamed/deep/c.py" not in wait_for(watcher, root / "a.py")


def test_a_folder_deleted_and_made_again(watcher: Watcher, root: Path) -> None:
    shutil.rmtree(root / "sub")
    wait_for(watcher, root / "sub/b.yml")
    (root / "sub").mkdir()
    (root / "sub/b.yml").write_text("2")
    wait_for(watcher, root / "sub/b.yml")


def test_what_cannot_hold_dags_is_not_watched(watcher: Watcher, root: Path) -> None:
    for name in (".git", "__pycache__"):
        (root / name).mkdir()
        (root / name / "x").write_text("1")
    (root / "a.py").write_text("22")
    changed = wait_for(watcher, root / "a.py")
    assert not {path for path in changed if ".git" in path.parts or "__pycache__" in path.parts}


def test_the_dags_folder_itself_goes_and_comes_back(watcher: Watcher, root: Path, tmp_path: Path) -> None:
    os.rename(root, tmp_path / "old")
    wait_for(watcher, root / "a.py")
    root.mkdir()
    (root / "new.py").write_text("1")
    wait_for(watcher, root / "new.py")
    (root / "new.py").write_text("22")
    wait_for(watcher, root / "new.py")


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_git_checkout(watcher: Watcher, root: Path) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", "-C", root, *identity, *words], check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    git("checkout", "-q", "-b", "other")
    (root / "a.py").write_text("other")
    (root / "sub/b.yml").unlink()
    git("commit", "-q", "-a", "-m", "two")
    wait_for(watcher, root / "a.py", root / "sub/b.yml")
    git("checkout", "-q", "main")
    wait_for(watcher, root / "a.py", root / "sub/b.yml")


def test_a_file_is_reported_when_it_is_closed_not_when_it_is_begun(root: Path) -> None:
    watcher = Watcher(root)
    with open(root / "slow.py", "w") as file:
        file.write("half")
        file.flush()
        assert watcher.changes() == set()
    assert watcher.changes() == {root / "slow.py"}
    watcher.close()


def test_a_link_in_the_place_of_the_dags_folder_that_is_switched(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(name)
    link = tmp_path / "dags"
    link.symlink_to("one")
    watcher = Watcher(link)
    (tmp_path / "next").symlink_to("two")
    os.replace(tmp_path / "next", link)
    wait_for(watcher, link / "a.py")
    (tmp_path / "two/a.py").write_text("three")
    wait_for(watcher, link / "a.py")
    watcher.close()


def test_a_folder_reached_by_a_link_is_reported_by_the_links_name(root: Path) -> None:
    (root / ".releases/1").mkdir(parents=True)
    (root / ".releases/1/c.py").write_text("1")
    (root / "current").symlink_to(".releases/1")
    watcher = Watcher(root)
    (root / ".releases/1/c.py").write_text("2")
    wait_for(watcher, root / "current/c.py")
    watcher.close()


def test_a_missing_folder_is_watched_once_it_is_there(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path / "dags")
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags/a.py").write_text("1")
    wait_for(watcher, tmp_path / "dags/a.py")
    watcher.close()
