"""`SqlHook`, `PostgresHook`, `MySqlHook`: databases that SQLAlchemy or an installed DB-API driver can reach.

SQLAlchemy knows how each driver wants to be called; statements go to the driver itself.
"""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

from tui_flow.operators.db_api_hook import DbApiHook
from tui_flow.operators.sql_drivers import DRIVERS, NoDriver, installed_scheme
from tui_flow.sdk.connection import Connection
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.extras import extra

_OWN_EXTRAS = ("sqlalchemy_scheme", "sqlalchemy_url", "sqlalchemy_query", "dbapi_module", "connect_args")
_PLACEHOLDERS = {"qmark": "?", "format": "%s", "pyformat": "%s", "numeric": ":1", "named": ":1"}


class SqlHook(DbApiHook):
    """The connection's parts make the URL, or its extra holds a whole `sqlalchemy_url`.

    Extra also: `sqlalchemy_scheme` (such as `postgresql+psycopg`), `sqlalchemy_query`, `connect_args` for the driver,
    and `dbapi_module`, a driver that is called with the connection's parts and without SQLAlchemy.
    """

    hook_name = "SQL"

    def __init__(self, *args: Any, database: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{name: value for name, value in kwargs.items() if name not in _OWN_EXTRAS})
        self.database = database

    @cached_property
    def connection(self) -> Connection:
        return self.get_connection(self.get_conn_id())

    def _extra(self) -> AbstractContextManager[None]:
        """SQLAlchemy is imported; where it is not installed it is told with the driver that is missing as well."""
        also, kind = "", self.connection.conn_type or ""
        try:
            if kind in DRIVERS:
                installed_scheme(kind)
        except NoDriver as err:
            also = f"; {kind} also {err}"
        return extra("sql", f"connection {self.get_conn_id()!r}", also)

    @cached_property
    def _engine(self) -> Any:
        with self._extra():
            import sqlalchemy
        return sqlalchemy.create_engine(self.sqlalchemy_url, poolclass=sqlalchemy.NullPool)

    def get_sqlalchemy_engine(self, engine_kwargs: dict[str, Any] | None = None) -> Any:
        """An engine of this connection, for pandas and the like."""
        with self._extra():
            import sqlalchemy
        arguments = {"connect_args": self._connect_args(), **(engine_kwargs or {})}
        return sqlalchemy.create_engine(self.sqlalchemy_url, **arguments)

    @cached_property
    def sqlalchemy_url(self) -> Any:
        """Raises AirflowException when the connection does not say what it reaches."""
        with self._extra():
            from sqlalchemy.engine import URL, make_url
        connection, options = self.connection, self.connection.extra_dejson
        if text := options.get("sqlalchemy_url"):
            return make_url(text)
        return URL.create(
            options.get("sqlalchemy_scheme") or self._scheme(connection),
            username=connection.login or None,
            password=connection.password or None,
            host=connection.host or None,
            port=connection.port,
            database=self.database or self.schema or connection.schema or None,
            query=options.get("sqlalchemy_query") or {},
        )

    def get_uri(self) -> str:
        return str(self.sqlalchemy_url.render_as_string(hide_password=False))

    def _scheme(self, connection: Connection) -> str:
        conn_type = connection.conn_type or ""
        if conn_type in ("", "sql"):
            raise AirflowException(f"connection {connection.conn_id!r} needs an extra sqlalchemy_url or dbapi_module")
        if conn_type not in DRIVERS:
            return conn_type
        try:
            return installed_scheme(conn_type)
        except NoDriver as err:
            raise AirflowException(f"connection {connection.conn_id!r} of type {conn_type!r} {err}") from err

    def _connect_args(self) -> dict[str, Any]:
        """For the driver: `connect_args`, and options of Airflow's own connections such as `sslmode`."""
        options = dict(self.connection.extra_dejson)
        named: dict[str, Any] = options.pop("connect_args", None) or {}
        return {**{name: value for name, value in options.items() if name not in _OWN_EXTRAS}, **named}

    def get_conn(self) -> Any:
        """A connection of the driver's. Raises AirflowException where the driver is not installed."""
        module = self.connection.extra_dejson.get("dbapi_module")
        if module is not None:
            return self._driver(module).connect(**self._parts(), **self._connect_args())
        try:
            dialect = self._engine.dialect
        except ImportError as err:
            raise AirflowException(
                f"connection {self.get_conn_id()!r}: the driver for {self.sqlalchemy_url.drivername} "
                f"is not installed: {err}"
            ) from err
        args, kwargs = dialect.create_connect_args(self.sqlalchemy_url)
        return dialect.loaded_dbapi.connect(*args, **{**kwargs, **self._connect_args()})

    def _driver(self, module: str) -> Any:
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as err:
            raise AirflowException(
                f"connection {self.get_conn_id()!r} needs the driver {module!r}, which is not installed"
            ) from err

    def _parts(self) -> dict[str, Any]:
        connection = self.connection
        parts = {
            "host": connection.host,
            "port": connection.port,
            "user": connection.login,
            "password": connection.password,
            "database": self.database or self.schema or connection.schema,
        }
        return {name: value for name, value in parts.items() if value}

    @property
    def placeholder(self) -> str:  # type: ignore[override]
        module = self.connection.extra_dejson.get("dbapi_module")
        driver = self._driver(module) if module else self._engine.dialect.loaded_dbapi
        return _PLACEHOLDERS[driver.paramstyle]

    @property
    def escape_characters(self) -> tuple[str, str]:  # type: ignore[override]
        return ("`", "`") if self.connection.conn_type in ("mysql", "mariadb") else ('"', '"')

    def set_autocommit(self, conn: Any, autocommit: bool) -> None:
        """PyMySQL and mysqlclient have a method of that name."""
        setter = getattr(conn, "autocommit", None)
        if callable(setter):
            setter(autocommit)
        elif hasattr(conn, "autocommit"):
            conn.autocommit = autocommit
        elif autocommit and hasattr(conn, "isolation_level"):
            conn.isolation_level = None

    def get_autocommit(self, conn: Any) -> bool:
        if callable(getattr(conn, "get_autocommit", None)):
            return bool(conn.get_autocommit())
        return getattr(conn, "autocommit", False) is True


class PostgresHook(SqlHook):
    conn_name_attr = "postgres_conn_id"
    default_conn_name = "postgres_default"
    conn_type = "postgres"
    hook_name = "Postgres"


class MySqlHook(SqlHook):
    conn_name_attr = "mysql_conn_id"
    default_conn_name = "mysql_default"
    conn_type = "mysql"
    hook_name = "MySQL"
