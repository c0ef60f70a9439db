"""`PackageIndexHook`: a package index such as a private PyPI, named by a connection."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any
from urllib.parse import quote, urlsplit

from tui_flow.masking import redact
from tui_flow.sdk.hook import BaseHook


class PackageIndexHook(BaseHook):
    """The connection's `host` is the index's URL; its login and password are put into it."""

    conn_name_attr = "pi_conn_id"
    default_conn_name = "package_index_default"
    conn_type = "package_index"
    hook_name = "Package Index (Python)"

    def __init__(self, pi_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pi_conn_id = pi_conn_id

    def get_connection_url(self) -> str:
        """The URL with its credentials. Raises ValueError when the connection has no URL."""
        connection = self.get_connection(self.pi_conn_id)
        host = connection.host or ""
        parts = urlsplit(host if "://" in host else f"https://{host}")
        if not parts.netloc:
            raise ValueError(f"connection {self.pi_conn_id!r} names no package index; put its URL in the host")
        if not connection.login:
            return parts.geturl()
        password = f":{quote(connection.password, safe='')}" if connection.password else ""
        address = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{quote(connection.login, safe='')}{password}@{address}").geturl()

    get_conn = get_connection_url

    def test_connection(self) -> tuple[bool, str]:
        """Whether pip can read the index, and not only another one that pip's own settings name."""
        url = self.get_connection_url()
        command = [sys.executable, "-m", "pip", "index", "versions", "pip", "--index-url", url, "--retries", "0"]
        alone = os.environ | {"PIP_EXTRA_INDEX_URL": url, "PIP_FIND_LINKS": url}
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=alone)
        if ended.returncode == 0:
            return True, "pip can read the index"
        return False, redact(ended.stderr.strip()[-500:])
