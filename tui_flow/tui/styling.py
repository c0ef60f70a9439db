"""Which CSS rules fit a widget is found out once for all that are the same to CSS: a sheet is made anew each time it
is opened, and to match each of its widgets with all rules took a quarter of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

SOURCES = 512
"""Textual keeps the parsed CSS of 64 classes, and with one more parses all again for each that is new."""
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Fitting:
    """What Textual found for a widget."""

    rules: dict[str, Any]
    has_hover_style: bool


class RulesKept(Stylesheet):
    """Kept as long as neither rules nor the theme's variables change."""

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(SOURCES)
        self._fitting: dict[Key, Fitting] = {}
        self._fitting_of: object = None

    def apply(self, node: DOMNode, *, animate: bool = False, cache: Any = None) -> None:
        rules = node.styles.base._rules
        if rules:  # it had some before: Textual sees what changes
            super().apply(node, animate=animate, cache=cache)
            return
        if self._fitting_of is not self.rules:
            self._fitting, self._fitting_of = {}, self.rules
        key = _key(node)
        known = self._fitting.get(key)
        if known is None:
            super().apply(node, animate=animate, cache=cache)
            if not (node._has_order_style or node._has_odd_or_even or node._has_focus_within):
                self._fitting[key] = Fitting(dict(rules), node._has_hover_style)
            return
        rules.update(known.rules)  # type: ignore[typeddict-item]
        node.styles.base._updates += 1
        node._has_hover_style = known.has_hover_style
        node._has_focus_within = node._has_order_style = node._has_odd_or_even = False
        node.notify_style_update()
        self._process_component_classes(node)


def _key(node: DOMNode) -> Key:
    """All that rules may ask of a widget and those around it."""
    return tuple(
        (type(each), each.id, frozenset(each._classes), each._pseudo_classes_cache_key) for each in node.css_path_nodes
    )
