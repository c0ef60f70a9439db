"""XComs that are too large for the database, in files of the home."""

from __future__ import annotations

import os
import resource
import signal
from pathlib import Path

import pytest

from tui_flow.runtime.xcoms import XComFiles

LARGE = "x" * 5_000


def test_large_values_go_to_files_named_by_their_content(tmp_path: Path) -> None:
    folder = tmp_path / "xcom"
    files = XComFiles(folder, inline_bytes=100, max_bytes=10_000)
    texts = {files.encode(LARGE, key) for key in ("a", "b")}
    (text,) = texts
    assert len(text) < 100 and files.decode(text) == LARGE
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o777 == 0o700
    assert XComFiles(folder, 10**6, 10**6).decode(text) == LARGE, "whatever the limits are later"


def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    files = XComFiles(tmp_path / "xcom", inline_bytes=100, max_bytes=10_000)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, resource.RLIM_INFINITY))
            with pytest.raises(OSError):
                files.encode(LARGE, "k")
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    assert status == 0
    assert list((tmp_path / "xcom").iterdir()) == []
    assert files.decode(files.encode(LARGE, "k")) == LARGE
