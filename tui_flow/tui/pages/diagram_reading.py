"""What the Diagram tab reads: a run's own version of the DAG, and how its tasks stand there."""

from __future__ import annotations

from tui_flow.store.reader import Reader
from tui_flow.tui.places import Place
from tui_flow.tui.views.diagram import DiagramModel, Drawings

MOST_FAILED = 200
"""Instances that are looked through for the first of each task."""


def load_drawn(
    reader: Reader, place: Place, drawings: Drawings, folded: frozenset[str] | None, zoom: int
) -> DiagramModel | None:
    """As `load_diagram`, with what takes long to draw of a large DAG drawn at once: this is no thread that draws."""
    model = load_diagram(reader, place)
    if model is not None:
        drawings.prepare(model, folded, zoom)
    return model


def load_diagram(reader: Reader, place: Place) -> DiagramModel | None:
    """The named run, else the newest; its own version of the DAG."""
    dag = reader.dag(place.dag_id)
    if dag is None:
        return None
    run = reader.run(place.dag_id, place.run_id or None)
    if run is None:
        return DiagramModel(reader.spec(dag.dag_id, dag.spec_version))
    spec = reader.spec(run.dag_id, run.spec_version)
    cells = reader.grid_cells([run.id], list(spec.by_id))
    earlier, later = reader.previous_run(run), reader.next_run(run)
    return DiagramModel(
        spec,
        run,
        {task_id: counts for (_, task_id), counts in cells.items()},
        earlier.run_id if earlier else None,
        later.run_id if later else None,
        reader.task_spans(run.id),
        {ti.task_id: ti.map_index for ti in reversed(reader.failed_tasks(run.id, MOST_FAILED))},
    )
