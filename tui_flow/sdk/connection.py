"""`Connection`: how to reach an outside system, from a URI, from JSON, from the environment or from the home."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from tui_flow.masking import mask_secret
from tui_flow.sdk.backend import current_backend, has_backend
from tui_flow.sdk.exceptions import AirflowException, AirflowNotFoundException

ENV_PREFIXES = ("AIRFLOW_CONN_", "TUIFLOW_CONN_")
_EXTRA_KEY = "__extra__"
_FIELDS = ("conn_id", "conn_type", "description", "host", "login", "password", "schema", "port", "extra", "uri")


class Connection:
    """A connection; `extra` is JSON text, `extra_dejson` the same as a dict."""

    def __init__(
        self,
        conn_id: str | None = None,
        conn_type: str | None = None,
        description: str | None = None,
        host: str | None = None,
        login: str | None = None,
        password: str | None = None,
        schema: str | None = None,
        port: int | None = None,
        extra: str | Mapping[str, Any] | None = None,
        uri: str | None = None,
    ) -> None:
        self.conn_id, self.description = conn_id, description
        if uri is not None:
            if any((conn_type, host, login, password, schema, port, extra)):
                raise AirflowException(f"connection {conn_id!r}: give either a uri or its parts, not both")
            conn_type, host, login, password, schema, port, extra = _parse_uri(uri)
        self.conn_type = conn_type
        self.host, self.login, self.password, self.schema, self.port = host, login, password, schema, port
        self.extra: str | None = extra if isinstance(extra, str) or extra is None else json.dumps(extra)
        _mask(self)

    @classmethod
    def from_json(cls, value: str, conn_id: str | None = None) -> Connection:
        """From `{"conn_type": ..., "host": ..., "extra": {...}}`. Raises TypeError for an unknown key."""
        fields = json.loads(value)
        if not isinstance(fields, dict):
            raise TypeError(f"connection {conn_id!r}: its JSON must be an object, not {value!r:.60}")
        if "uri" not in fields and "type" in fields and "conn_type" not in fields:
            fields["conn_type"] = fields.pop("type")
        if unknown := sorted(fields.keys() - set(_FIELDS)):
            raise TypeError(f"connection {conn_id!r}: unknown key {unknown[0]!r}; known are {', '.join(_FIELDS)}")
        if fields.get("conn_type"):
            fields["conn_type"] = _normalized_type(fields["conn_type"])
        if fields.get("port") is not None:
            try:
                fields["port"] = int(fields["port"])
            except (TypeError, ValueError):
                raise ValueError(f"connection {conn_id!r}: port must be a number, not {fields['port']!r}") from None
        return cls(**{**fields, "conn_id": conn_id or fields.get("conn_id")})

    @classmethod
    def from_text(cls, value: str, conn_id: str | None = None) -> Connection:
        """From JSON or a URI, whichever it is."""
        is_json = value.lstrip().startswith(("{", "["))
        return cls.from_json(value, conn_id) if is_json else cls(conn_id=conn_id, uri=value)

    @classmethod
    def get(cls, conn_id: str) -> Connection:
        """From `AIRFLOW_CONN_<ID>` or `TUIFLOW_CONN_<ID>`, else from the home. Raises AirflowNotFoundException."""
        for prefix in ENV_PREFIXES:
            if text := os.environ.get(prefix + conn_id.upper()):
                return cls.from_text(text, conn_id)
        if not has_backend():
            raise AirflowNotFoundException(
                f"connection {conn_id!r} is not in the environment, and those of the home can only be had inside a "
                f"running task; set {ENV_PREFIXES[1]}{conn_id.upper()} or read it in the task"
            )
        fields = current_backend().get_connection(conn_id)
        if fields is None:
            raise AirflowNotFoundException(
                f"connection {conn_id!r} does not exist; `tuiflow connections add {conn_id}` makes it, or set "
                f"{ENV_PREFIXES[1]}{conn_id.upper()} to its URI or JSON"
            )
        return cls(**{**fields, "conn_id": conn_id})

    get_connection_from_secrets = get

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """`extra` as a dict; empty when it is no JSON object."""
        try:
            value = json.loads(self.extra or "{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def get_extra_dejson(self, nested: bool = False) -> dict[str, Any]:
        extra = self.extra_dejson
        if nested:
            for key, value in extra.items():
                if isinstance(value, str):
                    try:
                        extra[key] = json.loads(value)
                    except ValueError:
                        continue
        return extra

    async def aget_uri(self) -> str:
        """`get_uri`, for code that asks on an event loop."""
        return self.get_uri()

    async def aextra_dejson(self) -> dict[str, Any]:
        """`extra_dejson`, for code that asks on an event loop."""
        return self.extra_dejson

    def get_password(self) -> str | None:
        return self.password

    def get_hook(self, *, hook_params: dict[str, Any] | None = None) -> Any:
        """The hook of its type. Raises AirflowException when no hook is known for it."""
        from tui_flow.sdk.hook_types import make_hook  # operators, which only hooks need

        return make_hook(self.conn_type, self.conn_id, hook_params)

    def get_uri(self) -> str:
        """The connection as a URI, all parts percent-encoded."""
        if self.conn_type and "_" in self.conn_type:
            scheme = self.conn_type.lower().replace("_", "-")
        else:
            scheme = (self.conn_type or "").lower()
        uri = f"{scheme}://"
        host = self.host or ""
        if "://" in host and not host.startswith(f"{self.conn_type}://"):
            protocol, host = host.split("://", 1)
            uri += f"{protocol}://"
        credentials = self._credentials()
        uri += credentials
        path = quote(host, safe="")
        if self.port is not None:
            path = f"{path}:{self.port}" if path or credentials else f"@:{self.port}"
        if self.schema:
            path += f"/{quote(self.schema, safe='')}"
        uri += path
        return uri + self._query(has_path=bool(self.schema))

    def _credentials(self) -> str:
        if self.login is None and self.password is None:
            return ""
        password = f":{quote(self.password, safe='')}" if self.password is not None else ""
        return f"{quote(self.login or '', safe='')}{password}@"

    def _query(self, has_path: bool) -> str:
        extra = self.extra_dejson
        if not extra:
            return ""
        flat = urlencode(extra) if all(isinstance(value, str) for value in extra.values()) else None
        if flat is None or dict(parse_qsl(flat, keep_blank_values=True)) != extra:
            flat = urlencode({_EXTRA_KEY: self.extra or ""})
        return f"{'?' if has_path else '/?'}{flat}"

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _FIELDS if name != "uri"}

    def as_json(self) -> str:
        shown = {name: value for name, value in self.to_dict().items() if value is not None and name != "conn_id"}
        if "extra" in shown:
            shown["extra"] = self.extra_dejson or shown["extra"]
        return json.dumps(shown)

    def __repr__(self) -> str:
        return f"<Connection: {self.conn_id} ({self.conn_type})>"


def _normalized_type(scheme: str) -> str:
    return {"postgresql": "postgres"}.get(scheme, scheme).replace("-", "_")


def _parse_uri(
    uri: str,
) -> tuple[str, str | None, str | None, str | None, str | None, int | None, str | None]:
    """(type, host, login, password, schema, port, extra) of `type://login:password@host:port/schema?k=v`."""
    scheme, separator, rest = uri.partition("://")
    inner, inner_separator, behind = rest.partition("://")
    protocol = inner if inner_separator else None
    parts = urlsplit(f"{scheme}://{behind if protocol else rest}" if separator else uri)
    try:
        port = parts.port
    except ValueError:  # which quotes what stands there: a part of the password where that is not encoded
        raise ValueError(
            "a connection URI has a port that is not a number; write / : @ ? # in a password as %2F %3A %40 %3F %23"
        ) from None
    credentials, at_sign, netloc_host = parts.netloc.rpartition("@")
    host = _host_of(netloc_host)
    if protocol:
        host = f"{protocol}://{host}"
    login, colon, password = credentials.partition(":")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    extra = query[_EXTRA_KEY] if _EXTRA_KEY in query else json.dumps(query) if query else None
    return (
        _normalized_type(parts.scheme or scheme),
        host,
        unquote(login) if at_sign else None,
        unquote(password) if colon else None,
        unquote(parts.path[1:]),
        port,
        extra,
    )


def _host_of(netloc_host: str) -> str:
    """In lower case, unless it is a path or a URI of its own."""
    if netloc_host.startswith("["):
        part = netloc_host[1:].partition("]")[0]
    else:
        part = netloc_host.partition(":")[0]
    host = unquote(part)
    return host if "/" in host else unquote(part.lower())


def _mask(connection: Connection) -> None:
    if connection.password:
        mask_secret(connection.password)
    for name, value in connection.extra_dejson.items():
        mask_secret(value, name)
