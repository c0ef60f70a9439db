"""Packages that Airflow's own installation has, beside those that tuiflow has too: DAG files and providers import them
unasked."""

from __future__ import annotations

BROUGHT = {
    "asgiref": "asgiref",
    "attr": "attrs",
    "attrs": "attrs",
    "cachetools": "cachetools",
    "cron_descriptor": "cron-descriptor",
    "dateutil": "python-dateutil",
    "deprecated": "Deprecated",
    "fsspec": "fsspec",
    "httpx": "httpx",
    "lazy_object_proxy": "lazy-object-proxy",
    "methodtools": "methodtools",
    "packaging": "packaging",
    "psutil": "psutil",
    "pydantic": "pydantic",
    "pytz": "pytz",
    "requests": "requests",
    "requests_toolbelt": "requests-toolbelt",
    "slugify": "python-slugify",
    "sqlalchemy": "sqlalchemy",
    "tabulate": "tabulate",
    "tenacity": "tenacity",
    "termcolor": "termcolor",
    "typing_extensions": "typing-extensions",
    "upath": "universal-pathlib",
    "yaml": "PyYAML",
}
"""The distribution of each module: together they are the extra `tuiflow[airflow]`."""


def extra_for(module: str) -> str | None:
    """The extra that brings a module; None where Airflow's installation would not have it."""
    return "tuiflow[airflow]" if module.partition(".")[0] in BROUGHT else None
