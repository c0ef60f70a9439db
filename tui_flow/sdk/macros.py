"""`macros` in templates: dates, and modules that are handy there."""

from __future__ import annotations

import json as json
import time as time
import uuid as uuid
from datetime import datetime as datetime
from datetime import timedelta as timedelta
from random import random as random
from typing import Any

from tui_flow.sdk import more_macros as _more_macros

_NAMES = ("dateutil", "datetime_diff_for_humans", "ds_add", "ds_format", "ds_format_locale", "yaml")


def ds_add(ds: str, days: int) -> str:
    """The `YYYY-MM-DD` date `days` later (earlier when negative)."""
    return (datetime.strptime(str(ds), "%Y-%m-%d") + timedelta(days=days)).strftime("%Y-%m-%d")


def ds_format(ds: str, input_format: str, output_format: str) -> str:
    """A date text in another format, both as of `strptime`."""
    return datetime.strptime(str(ds), input_format).strftime(output_format)


def ds_format_locale(ds: str, input_format: str, output_format: str, locale: Any = None) -> str:
    """A date text in a format of Babel's (`EEEE`), in a language such as `en_US`."""
    moment = datetime.strptime(str(ds), input_format)
    try:
        from babel.dates import format_datetime  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return _pendulum_format(moment, output_format, locale)
    return str(format_datetime(moment, format=output_format, locale=locale or "en_US"))


_CLDR_TO_PENDULUM = (
    ("EEEE", "dddd"),
    ("EEE", "ddd"),
    ("yyyy", "YYYY"),
    ("yy", "YY"),
    ("dd", "DD"),
    ("d", "D"),
    ("a", "A"),
)


def _pendulum_format(moment: datetime, cldr: str, locale: Any) -> str:
    import re

    import pendulum

    tokens = dict(_CLDR_TO_PENDULUM)
    wanted = re.sub("|".join(tokens), lambda match: tokens[match.group()], cldr)
    language = str(locale or "en").partition("_")[0].partition("-")[0]
    return str(pendulum.instance(moment).format(wanted, locale=language))


def datetime_diff_for_humans(dt: Any, since: Any = None) -> str:
    """`2 hours ago`, or before or after `since`."""
    import pendulum

    moment = pendulum.instance(dt)
    return str(moment.diff_for_humans() if since is None else moment.diff_for_humans(pendulum.instance(since)))


def __dir__() -> list[str]:
    """Of ours alone."""
    return [*globals(), *_NAMES]


def __getattr__(name: str) -> Any:
    if name == "dateutil":
        import importlib

        for part in ("parser", "relativedelta"):
            importlib.import_module(f"dateutil.{part}")
        return importlib.import_module(name)
    if name == "yaml":
        from tui_flow.sdk.extras import extra

        with extra("yaml", "macros.yaml"):
            import yaml
        return yaml
    if (found := _more_macros.found_elsewhere(name)) is not None:
        return found
    raise AttributeError(f"there is no macro {name!r}; there are {', '.join(_NAMES)}")
