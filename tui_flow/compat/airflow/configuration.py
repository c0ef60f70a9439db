"""`airflow.configuration.conf`: Airflow's settings, from `AIRFLOW__SECTION__KEY` and, where `AIRFLOW_HOME` is set, from
its `airflow.cfg`; then Airflow's own defaults, but for a few that have tuiflow's values."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from tui_flow.compat.airflow import settings
from tui_flow.compat.airflow.default_options import default_options
from tui_flow.sdk.airflow_options import options_file, set_option
from tui_flow.sdk.exceptions import AirflowConfigException

_TRUE, _FALSE = ("t", "true", "1"), ("f", "false", "0")
_UNSET: Any = object()
_OWN: dict[tuple[str, str], Callable[[], str]] = {
    ("core", "dags_folder"): lambda: str(settings.DAGS_FOLDER),
    ("core", "plugins_folder"): lambda: str(settings.PLUGINS_FOLDER),
    ("core", "load_examples"): lambda: "False",
    ("logging", "base_log_folder"): lambda: str(settings.LOGS_FOLDER),
    ("api", "base_url"): lambda: "http://localhost:8080",
}
_MOVED = {
    ("core", "base_log_folder"): ("logging", "base_log_folder"),
    ("core", "dag_concurrency"): ("core", "max_active_tasks_per_dag"),
    ("core", "logging_level"): ("logging", "logging_level"),
    ("core", "max_db_retries"): ("database", "max_db_retries"),
    ("core", "non_pooled_task_slot_count"): ("core", "default_pool_task_slot_count"),
    ("core", "remote_base_log_folder"): ("logging", "remote_base_log_folder"),
    ("core", "remote_log_conn_id"): ("logging", "remote_log_conn_id"),
    ("core", "remote_logging"): ("logging", "remote_logging"),
    ("core", "sql_alchemy_conn"): ("database", "sql_alchemy_conn"),
    ("core", "task_log_reader"): ("logging", "task_log_reader"),
}
"""Where options of older versions are; those of `[kubernetes]` are all in `[kubernetes_executor]`."""


_NO_DATABASE = "Airflow's database is not here: read runs and tasks with the tuiflow command line (--json)"
_ABSENT = {("database", "sql_alchemy_conn"): _NO_DATABASE, ("core", "sql_alchemy_conn"): _NO_DATABASE}
"""What to do instead of setting an option, where that would not help."""


class AirflowConfigParser:
    """Reads only; sections and keys are lower case."""

    def _lookup(self, section: str, key: str) -> str | None:
        section, key = section.lower(), key.lower()
        if (value := set_option(section, key)) is not None:
            return value
        if (moved := _moved(section, key)) is not None:
            return self._lookup(*moved)
        if own := _OWN.get((section, key)):
            return own()
        return _default(section, key)

    def get(self, section: str, key: str, fallback: Any = _UNSET, **kwargs: Any) -> Any:
        """The text. Raises AirflowConfigException when there is neither a value nor a fallback."""
        value = self._lookup(section, key)
        if value is not None:
            return value
        if fallback is not _UNSET:
            return fallback
        advice = _ABSENT.get((section.lower(), key.lower())) or f"set AIRFLOW__{section.upper()}__{key.upper()}"
        raise AirflowConfigException(f"section/key [{section}/{key}] not found in config; {advice}")

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
        return self._as(lambda text: json.loads(text) if text else fallback, section, key, {"fallback": fallback})

    def getlist(self, section: str, key: str, delimiter: str = ",", **kwargs: Any) -> Any:
        return self._as(lambda text: [part.strip() for part in text.split(delimiter)], section, key, kwargs)

    def gettimedelta(self, section: str, key: str, fallback: Any = None, **kwargs: Any) -> Any:
        from datetime import timedelta

        return self._as(
            lambda text: timedelta(seconds=int(text)) if text else fallback, section, key, {"fallback": fallback}
        )

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
        defaults = default_options()
        found = {key: _default(section, key) or "" for key in defaults.options(section)} if section in defaults else {}
        found |= {key: own() for (name, key), own in _OWN.items() if name == section}
        if (file := options_file()).has_section(section):
            found |= dict(file.items(section))
        found |= {name[len(prefix) :].lower(): text for name, text in os.environ.items() if name.startswith(prefix)}
        return found or None


def _moved(section: str, key: str) -> tuple[str, str] | None:
    return ("kubernetes_executor", key) if section == "kubernetes" else _MOVED.get((section, key))


def _default(section: str, key: str) -> str | None:
    text = default_options().get(section, key, fallback=None)
    return text and text.replace("{AIRFLOW_HOME}", settings.AIRFLOW_HOME)


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
