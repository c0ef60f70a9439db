"""From which size of the terminal on there is room for what, as (columns, lines)."""

from __future__ import annotations

LOW = 12
"""With fewer lines no line is given to a notice."""
SMALL = (50, 10)
"""Below that only the list of a page is shown."""
TINY = (30, 6)
"""Below that nothing is."""
