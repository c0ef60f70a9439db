"""One file for each page of the dashboard, and for each pane of a page with tabs."""

from __future__ import annotations

from importlib import import_module

from tui_flow.tui.page import Page

_WHERE = {
    "dags": "dags.DagsPage",
    "activity": "activity.ActivityPage",
    "upcoming": "upcoming.UpcomingPage",
    "system": "system.SystemPage",
    "welcome": "welcome.WelcomePage",
    "dag": "dag.DagPage",
    "run": "run.RunPage",
    "log": "log.LogPage",
}


def make_page(name: str) -> Page:
    """A page by its name; its module is imported when it is first visited."""
    module, _, cls = _WHERE[name].partition(".")
    made = getattr(import_module(f"{__name__}.{module}"), cls)()
    assert isinstance(made, Page)
    return made


def is_there(name: str) -> bool:
    return name in _WHERE


def modules() -> list[str]:
    """Where they are, in the order of the table."""
    return [f"{__name__}.{where.partition('.')[0]}" for where in _WHERE.values()]


def names() -> list[str]:
    return list(_WHERE)
