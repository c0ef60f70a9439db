"""What somebody has set of Airflow's options: in `AIRFLOW__SECTION__KEY`, or in `$AIRFLOW_HOME/airflow.cfg`."""

from __future__ import annotations

import os
from configparser import Error, RawConfigParser
from functools import lru_cache
from pathlib import Path

from tui_flow.sdk.exceptions import AirflowConfigException


def set_option(section: str, key: str) -> str | None:
    """The text; the environment goes first. Raises AirflowConfigException for a file that cannot be read."""
    name = f"AIRFLOW__{section.replace('.', '_').upper()}__{key.upper()}"
    if (value := os.environ.get(name)) is not None:
        return value
    return options_file().get(section, key, fallback=None)


def options_file() -> RawConfigParser:
    """Of the Airflow in `AIRFLOW_HOME`; empty where there is none."""
    home = os.environ.get("AIRFLOW_HOME")
    return _read(Path(home).expanduser() / "airflow.cfg") if home else RawConfigParser()


@lru_cache(maxsize=4)
def _read(path: Path) -> RawConfigParser:
    parser = RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (Error, UnicodeDecodeError) as err:
        raise AirflowConfigException(f"{path} cannot be read: {err}") from err
    return parser
