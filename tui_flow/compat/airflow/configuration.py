"""`airflow.configuration.conf`: Airflow's settings, from `AIRFLOW__SECTION__KEY` and, where `AIRFLOW_HOME` is set, from
its `airflow.cfg`; a few that DAG files ask for have tuiflow's own values."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from configparser import Error, RawConfigParser
from functools import cached_property
from pathlib import Path
from typing import Any

from tui_flow.compat.airflow import settings
from tui_flow.sdk.exceptions import AirflowConfigException

_TRUE, _FALSE = ("t", "true", "1"), ("f", "false", "0")
_UNSET: Any = object()
_OWN: dict[tuple[str, str], Callable[[], str]] = {
    ("core", "dags_folder"): lambda: str(settings.DAGS_FOLDER),
    ("core", "plugins_folder"): lambda: str(settings.PLUGINS_FOLDER),
    ("core", "default_timezone"): lambda: "utc",
    ("core", "executor"): lambda: "LocalExecutor",
    ("core", "load_examples"): lambda: "False",
    ("core", "unit_test_mode"): lambda: "False",
    ("core", "max_map_length"): lambda: "1024",
    ("core", "parallelism"): lambda: "32",
    ("operators", "default_deferrable"): lambda: "False",
    ("operators", "default_owner"): lambda: "airflow",
    ("operators", "default_queue"): lambda: "default",
    ("webserver", "base_url"): lambda: "http://localhost:8080",
    ("api", "base_url"): lambda: "http://localhost:8080",
    ("email", "default_email_on_failure"): lambda: "True",
    ("email", "default_email_on_retry"): lambda: "True",
    ("email", "email_backend"): lambda: "airflow.utils.email.send_email_smtp",
    ("email", "email_conn_id"): lambda: "smtp_default",
    ("email", "ssl_context"): lambda: "default",
    ("smtp", "smtp_host"): lambda: "localhost",
    ("smtp", "smtp_mail_from"): lambda: "airflow@example.com",
    ("smtp", "smtp_port"): lambda: "25",
    ("smtp", "smtp_retry_limit"): lambda: "5",
    ("smtp", "smtp_ssl"): lambda: "False",
    ("smtp", "smtp_starttls"): lambda: "True",
    ("smtp", "smtp_timeout"): lambda: "30",
}


class AirflowConfigParser:
    """Reads only; sections and keys are lower case."""

    @cached_property
    def _file(self) -> RawConfigParser:
        parser = RawConfigParser()
        if home := os.environ.get("AIRFLOW_HOME"):
            path = Path(home).expanduser() / "airflow.cfg"
            try:
                parser.read(path, encoding="utf-8")
            except (Error, UnicodeDecodeError) as err:
                raise AirflowConfigException(f"{path} cannot be read: {err}") from err
        return parser

    def _lookup(self, section: str, key: str) -> str | None:
        section, key = section.lower(), key.lower()
        name = f"AIRFLOW__{section.replace('.', '_').upper()}__{key.upper()}"
        if (value := os.environ.get(name)) is not None:
            return value
        if self._file.has_option(section, key):
            return self._file.get(section, key)
        return own() if (own := _OWN.get((section, key))) else None

    def get(self, section: str, key: str, fallback: Any = _UNSET, **kwargs: Any) -> Any:
        """The text. Raises AirflowConfigException when there is neither a value nor a fallback."""
        value = self._lookup(section, key)
        if value is not None:
            return value
        if fallback is not _UNSET:
            return fallback
        raise AirflowConfigException(
            f"section/key [{section}/{key}] not found in config; set AIRFLOW__{section.upper()}__{key.upper()}"
        )

    def get_mandatory_value(self, section: str, key: str, **kwargs: Any) -> str:
        return str(self.get(section, key, **kwargs))

    def _as(self, convert: Callable[[str], Any], section: str, key: str, kwargs: dict[str, Any]) -> Any:
        value = self.get(section, key, **kwargs)
        if not isinstance(value, str):
            return value
        try:
            return convert(value)
        except ValueError as err:
            raise AirflowConfigException(f"[{section}] {key}: {value!r} cannot be read: {err}") from err

    def getboolean(self, section: str, key: str, **kwargs: Any) -> Any:
        return self._as(_boolean, section, key, kwargs)

    def getint(self, section: str, key: str, **kwargs: Any) -> Any:
        return self._as(int, section, key, kwargs)

    def getfloat(self, section: str, key: str, **kwargs: Any) -> Any:
        return self._as(float, section, key, kwargs)

    def getjson(self, section: str, key: str, fallback: Any = None, **kwargs: Any) -> Any:
        return self._as(json.loads, section, key, {"fallback": fallback})

    def getlist(self, section: str, key: str, delimiter: str = ",", **kwargs: Any) -> Any:
        return self._as(lambda text: [part.strip() for part in text.split(delimiter)], section, key, kwargs)

    def gettimedelta(self, section: str, key: str, fallback: Any = None, **kwargs: Any) -> Any:
        from datetime import timedelta

        return self._as(lambda text: timedelta(seconds=int(text)), section, key, {"fallback": fallback})

    def getimport(self, section: str, key: str, **kwargs: Any) -> Any:
        from tui_flow.compat.airflow.helpers import import_string

        return self._as(import_string, section, key, kwargs)

    def has_option(self, section: str, option: str, **kwargs: Any) -> bool:
        return self._lookup(section, option) is not None

    def has_section(self, section: str) -> bool:
        return bool(self.getsection(section))

    def getsection(self, section: str) -> dict[str, str] | None:
        """All known keys of a section; None for an unknown one."""
        section = section.lower()
        prefix = f"AIRFLOW__{section.replace('.', '_').upper()}__"
        found = {key: own() for (name, key), own in _OWN.items() if name == section}
        if self._file.has_section(section):
            found |= dict(self._file.items(section))
        found |= {name[len(prefix) :].lower(): text for name, text in os.environ.items() if name.startswith(prefix)}
        return found or None


def _boolean(text: str) -> bool:
    word = text.partition("#")[0].strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("write True or False")


conf = AirflowConfigParser()
get, getboolean, getfloat, getint = conf.get, conf.getboolean, conf.getfloat, conf.getint
getsection, has_option = conf.getsection, conf.has_option


def get_airflow_home() -> str:
    return str(settings.AIRFLOW_HOME)
