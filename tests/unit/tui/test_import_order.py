"""Modules come after what they import, so that each takes a moment only."""

from __future__ import annotations

from tui_flow.tui.import_order import imported_by, in_order


def test_what_a_module_imports_comes_before_it() -> None:
    order = list(in_order(["tui_flow.tui.pages.dag", "tui_flow.actions.dispatch"], known=()))
    assert len(order) == len(set(order)) and {"tui_flow.tui.pages.dag", "tui_flow.actions.dispatch"} <= set(order)
    place = {name: at for at, name in enumerate(order)}
    late = [(name, each) for name in order for each in imported_by(name) if each in place and place[each] > place[name]]
    assert late == []
    assert {"tui_flow.graph.layout", "tui_flow.planner.explain", "tui_flow.store.writer"} < set(order)


def test_modules_of_a_package_that_imports_them_come_with_it() -> None:
    order = list(in_order(["tui_flow.planner.runs"], known=()))
    assert "tui_flow.timetables" in order and "tui_flow.timetables.cron" not in order
    assert order.index("croniter") < order.index("tui_flow.timetables"), "which is of others, and goes first"


def test_what_is_there_already_is_left_out() -> None:
    known = {"tui_flow", "tui_flow.graph", "tui_flow.graph.model"}
    order = list(in_order(["tui_flow.graph.outline"], known))
    assert order[-1] == "tui_flow.graph.outline" and not known & set(order)


def test_modules_that_are_named_in_a_package_are_found() -> None:
    assert {"tui_flow.tui", "tui_flow.tui.chrome", "tui_flow.tui.palette"} <= set(
        imported_by("tui_flow.tui.pages.upcoming")
    )
    assert list(imported_by("textual.app")) == [], "only what is ours is looked into"
