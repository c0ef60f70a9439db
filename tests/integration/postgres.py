"""A PostgreSQL server of the test's own, on a socket in a folder of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE_S = 60.0


def postgres_program(name: str) -> str | None:
    """Where a program of the server is: on the path, or where Debian keeps them."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(found[-1]) if found else None)


@contextmanager
def postgres_server() -> Iterator[Path]:
    """The folder of its socket; user and database are `postgres`. It refuses to run as root, so root lends it an
    account."""
    initdb, postgres = postgres_program("initdb"), postgres_program("postgres")
    assert initdb and postgres, "ask postgres_program() first"
    account = "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="tuiflow-pg-", dir="/tmp"))  # the path of a socket has 107 bytes at most
    shutil.chown(folder, account or getpass.getuser())
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, "user": account}
    try:
        subprocess.run([initdb, "-D", folder / "data", "-U", "postgres", "-A", "trust", "-N"], check=True, **quiet)  # type: ignore[call-overload]
        options = ["-D", folder / "data", "-k", folder, "-F", "-c", "listen_addresses="]
        server = subprocess.Popen([postgres, *options], **quiet)  # type: ignore[call-overload]
        try:
            _wait_for(folder, server)
            yield folder
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()
    finally:
        shutil.rmtree(folder)


def _wait_for(folder: Path, server: subprocess.Popen[bytes]) -> None:
    """Its status file says `ready` in the last line."""
    status, deadline = folder / "data" / "postmaster.pid", time.monotonic() + _PATIENCE_S
    while not (status.exists() and status.read_text().splitlines()[-1:] == ["ready   "]):
        assert server.poll() is None and time.monotonic() < deadline, "PostgreSQL does not start"
        time.sleep(0.02)
