"""`BaseOperatorLink`: a link that belongs to an operator's task instances."""

from __future__ import annotations

from typing import Any


class BaseOperatorLink:
    """Subclasses set `name` and implement `get_link`."""

    operators: tuple[type, ...] = ()
    name: str = ""

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The URL, or an empty string."""
        raise NotImplementedError(f"{type(self).__name__} has no get_link()")
