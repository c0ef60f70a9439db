"""Drivers of databases: the modules that SQLAlchemy can use for one, and which of them is installed."""

from __future__ import annotations

from importlib.util import find_spec

from tui_flow.errors import NotPossible

DRIVERS = {
    "postgres": {"psycopg": "postgresql+psycopg", "psycopg2": "postgresql+psycopg2", "pg8000": "postgresql+pg8000"},
    "redshift": {"redshift_connector": "redshift+redshift_connector", "psycopg2": "redshift+psycopg2"},
    "mysql": {"pymysql": "mysql+pymysql", "MySQLdb": "mysql+mysqldb", "mysql.connector": "mysql+mysqlconnector"},
    "mariadb": {"pymysql": "mariadb+pymysql", "MySQLdb": "mariadb+mysqldb", "mariadb": "mariadb+mariadbconnector"},
    "mssql": {"pymssql": "mssql+pymssql", "pyodbc": "mssql+pyodbc"},
    "oracle": {"oracledb": "oracle+oracledb"},
}
"""By kind of database, the best first: a module, and SQLAlchemy's name for it. Other kinds are dialects' own names."""


class NoDriver(NotPossible):
    """None of a database's drivers is installed."""


def installed_scheme(kind: str, wanted: str = "") -> str:
    """The scheme of a driver that is installed: `wanted` itself where it is. Raises NoDriver where there is none."""
    drivers = DRIVERS[kind]
    for module, scheme in sorted(drivers.items(), key=lambda item: item[1] != wanted):
        if find_spec(module.partition(".")[0]) is not None:
            return scheme
    raise NoDriver(f"needs a driver; install one of {', '.join(name.partition('.')[0] for name in drivers)}")
