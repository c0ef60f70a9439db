"""One file for each page of the dashboard."""

from __future__ import annotations

from collections.abc import Callable

from tui_flow.tui.page import Page
from tui_flow.tui.pages.dag import DagPage
from tui_flow.tui.pages.dags import DagsPage
from tui_flow.tui.pages.log import LogPage
from tui_flow.tui.pages.run import RunPage

PAGES: dict[str, Callable[[], Page]] = {"dags": DagsPage, "dag": DagPage, "run": RunPage, "log": LogPage}
"""By name; imported when they are first visited."""
