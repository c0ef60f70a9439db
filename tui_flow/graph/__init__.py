"""Pictures of DAGs in character cells. Pure: no terminal, no states, so that what runs never moves what is drawn.

`model` is what is drawn: tasks, folded groups, edges. `layout` gives it places, layer by layer from left to right;
`paint` makes lines of text of that. `outline` is the narrow view, one row per task, and the order of rows everywhere.
"""
