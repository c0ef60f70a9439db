"""Packages that Airflow's own installation has, beside those that tuiflow has too: DAG files import them unasked."""

from __future__ import annotations

BROUGHT = {
    "attr": "attrs",
    "attrs": "attrs",
    "dateutil": "python-dateutil",
    "httpx": "httpx",
    "packaging": "packaging",
    "psutil": "psutil",
    "pytz": "pytz",
    "requests": "requests",
    "slugify": "python-slugify",
    "sqlalchemy": "sqlalchemy",
    "tabulate": "tabulate",
    "tenacity": "tenacity",
    "termcolor": "termcolor",
    "typing_extensions": "typing-extensions",
    "yaml": "PyYAML",
}
"""The distribution of each module: together they are the extra `tuiflow[airflow]`."""
