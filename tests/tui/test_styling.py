"""Rules that were found for a widget are taken for the next one like it, and are those that Textual would find."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.widget import Widget

from tests.tui.dump import dashboard, real_deeds, until
from tests.tui.homes import fill, home_of


def differing(pilot: Pilot[int]) -> list[tuple[Widget, set[str]]]:
    """Widgets that Textual itself gives other rules, and which."""
    found = []
    for node in pilot.app.screen.walk_children(Widget, with_self=True):
        before = dict(node.styles.base._rules)
        Stylesheet.apply(pilot.app.stylesheet, node)
        after: dict[str, Any] = dict(node.styles.base._rules)
        if names := {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}:
            found.append((node, names))
    return found


def test_rules_are_found_once_and_are_the_right_ones(tmp_path: Path, monkeypatch: Any) -> None:
    home = home_of(tmp_path)
    fill(home, "etl")
    matched: list[object] = []
    own = Stylesheet.apply

    def apply(self: Stylesheet, node: Any, **options: Any) -> None:
        if not node.styles.base._rules:
            matched.append(node)
        own(self, node, **options)

    async def look() -> None:
        async with dashboard(home, deeds=real_deeds(home)) as pilot:
            await until(pilot, lambda text: "etl" in text)
            monkeypatch.setattr(Stylesheet, "apply", apply)
            for theme in ("ansi-dark", "ansi-light", "textual-dark"):
                pilot.app.theme = theme
                for nth in range(3):
                    matched.clear()
                    await pilot.press("t")
                    await until(pilot, lambda text: "Trigger" in text)
                    if nth == 2:  # rules of classes that the first one brought had all found anew
                        assert matched == []
                        assert differing(pilot) == []
                    await pilot.press("escape")
                    await until(pilot, lambda text: "Trigger" not in text)
            await pilot.press("enter", "d", "colon")
            await until(pilot, lambda text: "Go to" in text)
            assert differing(pilot) == []

    asyncio.run(look())
