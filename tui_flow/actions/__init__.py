"""What users can do: one function per verb, the same for the command line, the dashboard and the scheduler's socket.

A verb looks at the home and gives a `Plan`: the decisions (made by the planner) and the answer that describes them.
`preview` stops there; `perform` carries the plan out. Nothing here runs user code.
"""

from tui_flow.actions.backfills import step_backfill
from tui_flow.actions.dispatch import VERBS, Done, perform, preview

__all__ = ["VERBS", "Done", "perform", "preview", "step_backfill"]
