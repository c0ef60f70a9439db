"""Finding DAG files in real folders: links, names, permissions, ignore files."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

import pytest

from tui_flow.loader.discover import DagsFolder, Listing

DAG = "from airflow import DAG\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "dags"
    folder.mkdir(mode=0o755)
    return folder


def write(path: Path, text: str = DAG) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def paths(listing: Listing) -> list[str]:
    return [file.path for file in listing.files]


def refused(listing: Listing) -> dict[str, str]:
    return {refusal.path: refusal.message for refusal in listing.refusals}


def scan(root: Path) -> Listing:
    return DagsFolder(root).scan()


@pytest.mark.parametrize(
    ("text", "is_dag_file"),
    [
        ("from airflow import DAG", True),
        ("import Airflow as x  # Dag", True),
        ("from tui_flow import dag", True),
        ("from airflow.sdk import asset", True),
        ("import airflow", False),
        ("dag = 1", False),
        ("", False),
        ("# \xff airflow dag", True),
    ],
)
def test_files_that_speak_of_dags(root: Path, text: str, is_dag_file: bool) -> None:
    write(root / "a.py").write_bytes(text.encode("latin-1"))
    assert paths(scan(root)) == ["a.py"] * is_dag_file


def test_folders_are_walked_but_for_those_that_hold_no_dags(root: Path) -> None:
    for name in ("b.py", "a/b/c.py", "a.txt", ".hidden/x.py", ".x.py", "__pycache__/x.py", "node_modules/x.py"):
        write(root / name)
    write(root / "venv/lib/x.py")
    write(root / "venv/pyvenv.cfg")
    assert paths(scan(root)) == ["a/b/c.py", "b.py"]


def test_ignore_files(root: Path) -> None:
    for name in ("a.py", "old/b.py", "team/keep.py", "team/drop.py", "team/sub/drop.py"):
        write(root / name)
    write(root / ".airflowignore", "old/\n# drop.py\n")
    write(root / "team/.tuiflowignore", "drop.py\n")
    assert paths(scan(root)) == ["a.py", "team/keep.py"]


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(root: Path) -> None:
    file = write(root / "a.py", "nothing yet")
    folder = DagsFolder(root)
    assert paths(folder.scan()) == []
    file.write_text(DAG)
    assert paths(folder.scan()) == ["a.py"]
    file.unlink()
    assert paths(folder.scan()) == []


def test_a_missing_folder_is_a_problem_not_an_empty_listing(root: Path) -> None:
    listing = scan(root / "absent")
    assert listing.problem is not None and "No such file or directory" in listing.problem


# Links


def test_links_that_lead_outside_are_refused(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "outside/x.py")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "file.py").symlink_to(tmp_path / "outside/x.py")
    (root / "ignored").symlink_to(tmp_path / "outside")
    write(root / ".airflowignore", "ignored/")
    listing = scan(root)
    assert paths(listing) == []
    assert refused(listing).keys() == {"folder/", "file.py"}
    assert f"the link leads to {tmp_path}/outside/x.py, outside the DAGs folder" in refused(listing)["file.py"]


def test_links_inside_add_only_what_is_not_found_without_them(root: Path) -> None:
    write(root / "real/a.py")
    write(root / ".releases/7/b.py")
    (root / "again").symlink_to(root / "real")
    (root / "a_link.py").symlink_to(root / "real/a.py")
    (root / "current").symlink_to(".releases/7")
    (root / "broken.py").symlink_to(root / "nowhere.py")
    assert paths(scan(root)) == ["current/b.py", "real/a.py"]


def test_loops_of_links_end(root: Path) -> None:
    write(root / "a/b.py")
    (root / "a/up").symlink_to(root)
    (root / "a/self").symlink_to(root / "a")
    (root / "loop.py").symlink_to(root / "loop.py")
    assert paths(scan(root)) == ["a/b.py"]


def test_the_dags_folder_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    write(root / "a.py")
    (tmp_path / "link").symlink_to(root)
    assert paths(scan(tmp_path / "link")) == ["a.py"]


# Odd files


def test_names_that_cannot_be_shown_are_skipped_with_an_escaped_name(root: Path) -> None:
    for name in (b"bad\xff.py", b"new\nline.py", b"esc\x1b[2J.py"):
        Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_text(DAG)
    listing = scan(root)
    assert paths(listing) == []
    assert sorted(refused(listing)) == ["bad\\udcff.py", "esc␛[2J.py", "new\\nline.py"]
    for refusal in listing.refusals:
        (refusal.path + refusal.message).encode()
        assert "rename it" in refusal.message and "\x1b" not in refusal.message


def test_large_files_and_files_that_are_none(root: Path) -> None:
    write(root / "big.py", DAG + "#" * 1024**2)
    os.mkfifo(root / "pipe.py")
    listing = scan(root)
    assert paths(listing) == [] and "1.0 MB; a DAG file may have 1 MB" in refused(listing)["big.py"]


# Permissions


def test_what_everybody_can_write_is_refused_with_the_command_that_mends_it(root: Path) -> None:
    file = write(root / "a.py")
    file.chmod(0o666)
    write(root / "notes.py", "no such thing").chmod(0o666)
    assert refused(scan(root)) == {"a.py": f"a.py: not parsed, because everybody can write to {file}; chmod o-w {file}"}
    file.chmod(0o644)
    assert paths(scan(root)) == ["a.py"]


def test_a_folder_that_everybody_can_write_spoils_what_is_in_it(root: Path) -> None:
    write(root / "safe/a.py")
    write(root / "open/b.py")
    (root / "open").chmod(0o777)
    assert paths(scan(root)) == ["safe/a.py"]
    assert f"chmod o-w {root}/open" in refused(scan(root))["open/b.py"]
    root.chmod(0o777)
    assert refused(scan(root)).keys() == {"safe/a.py", "open/b.py"}


def test_a_folder_above_that_everybody_can_write_spoils_all_unless_it_is_sticky(root: Path, tmp_path: Path) -> None:
    write(root / "a.py")
    tmp_path.chmod(0o777)
    assert f"chmod o-w {tmp_path}" in refused(scan(root))["a.py"]
    tmp_path.chmod(0o1777)
    assert paths(scan(root)) == ["a.py"]
    tmp_path.chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_of_somebody_else_and_of_groups(root: Path) -> None:
    theirs, ours = write(root / "theirs.py"), write(root / "ours.py")
    os.chown(theirs, 65534, -1)
    ours.chmod(0o664)
    listing = scan(root)
    me = pwd.getpwuid(0).pw_name
    assert paths(listing) == ["ours.py"]
    assert f"belongs to {pwd.getpwuid(65534).pw_name}; chown {me} {theirs}" in refused(listing)["theirs.py"]
    shared = next(user for user in pwd.getpwall() if user.pw_uid and user.pw_gid)
    os.chown(ours, 0, shared.pw_gid)
    assert f"chmod g-w {ours}" in refused(scan(root))["ours.py"]
    group = grp.getgrgid(shared.pw_gid).gr_name
    assert paths(DagsFolder(root, trust_group=group).scan()) == ["ours.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_cannot_be_read_is_refused(root: Path) -> None:
    write(root / "a.py").chmod(0)
    write(root / "sub/b.py")
    (root / "sub").chmod(0)
    found = refused(scan(root))
    (root / "sub").chmod(0o700)
    assert "chmod u+r" in found["a.py"] and "chmod u+rx" in found["sub/"]
