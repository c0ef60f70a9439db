"""File systems of fsspec for a connection: which of its parts each kind of storage calls what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tui_flow.sdk.connection import Connection
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.extras import extra

Options = dict[str, Any]
_attached: dict[tuple[str, str | None], Any] = {}


def file_system(protocol: str, conn_id: str | None = None, options: Mapping[str, Any] | None = None) -> Any:
    """The fsspec file system. Raises MissingExtra without fsspec, AirflowException without what that storage needs."""
    if (protocol, conn_id) in _attached:
        return _attached[protocol, conn_id]
    with extra("fs", f"storage {protocol}://"):
        import fsspec
    named = options_of(protocol, Connection.get(conn_id)) if conn_id else {}
    try:
        return fsspec.filesystem(protocol, **{**named, **(options or {})})
    except ImportError as err:
        raise AirflowException(f"storage {protocol}:// needs a package beside fsspec: {err}") from err
    except ValueError as err:
        raise AirflowException(f"storage {protocol}:// is none that fsspec knows: {err}") from err


def attach(protocol: str, conn_id: str | None = None, fs: Any = None) -> Any:
    """Have `fs` answer for all paths of that protocol and connection in this process; None takes it away."""
    if fs is None:
        _attached.pop((protocol, conn_id), None)
    else:
        _attached[protocol, conn_id] = fs
    return fs


def options_of(protocol: str, connection: Connection) -> Options:
    """What the file system of a protocol is made with; the extra's `storage_options` go before all else."""
    said = connection.extra_dejson
    named: Options = said.pop("storage_options", None) or {}
    options = _KINDS.get(protocol, _of_extra)(connection, said)
    return {name: value for name, value in {**options, **named}.items() if value not in (None, "")}


def _of_extra(connection: Connection, said: Options) -> Options:
    return said


def _s3(connection: Connection, said: Options) -> Options:
    service: Options = said.get("service_config", {}).get("s3", {})
    endpoint = said.get("endpoint_url") or service.get("endpoint_url")
    region = {"region_name": said["region_name"]} if said.get("region_name") else {}
    return {
        "key": connection.login or said.get("aws_access_key_id"),
        "secret": connection.password or said.get("aws_secret_access_key"),
        "token": said.get("aws_session_token"),
        "profile": said.get("profile_name"),
        "endpoint_url": endpoint,
        "client_kwargs": region or None,
    }


def _gcs(connection: Connection, said: Options) -> Options:
    return {
        "project": said.get("project"),
        "token": said.get("key_path") or said.get("keyfile_dict") or said.get("token"),
    }


def _azure(connection: Connection, said: Options) -> Options:
    return {
        "account_name": connection.login or connection.host,
        "account_key": connection.password or None,
        **{name: said.get(name) for name in ("connection_string", "sas_token", "tenant_id", "client_id")},
        "client_secret": said.get("client_secret"),
    }


def _remote(user: str) -> Callable[[Connection, Options], Options]:
    """Machines with a name: the user is called differently."""

    def options(connection: Connection, said: Options) -> Options:
        return {
            "host": connection.host,
            "port": connection.port,
            user: connection.login,
            "password": connection.password,
            "key_filename": said.get("key_file"),
        }

    return options


_KINDS: dict[str, Callable[[Connection, Options], Options]] = {
    **dict.fromkeys(("s3", "s3a"), _s3),
    **dict.fromkeys(("gs", "gcs"), _gcs),
    **dict.fromkeys(("abfs", "abfss", "adl", "az"), _azure),
    **dict.fromkeys(("sftp", "ssh", "ftp"), _remote("username")),
    "smb": _remote("username"),
    "webhdfs": _remote("user"),
}
