"""What users can do: one function per verb, the same for the command line, the dashboard and the scheduler's socket.

A verb looks at the home and gives a `Plan`: the decisions (made by the planner) and the answer that describes them.
`dispatch.preview` stops there; `dispatch.perform` carries the plan out. Nothing here runs user code.
"""
