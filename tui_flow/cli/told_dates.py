"""The dates of a backfill of a DAG whose timetable is a class in its file: asked of a process that imports the file."""

from __future__ import annotations

from collections.abc import Mapping

from tui_flow.cli.loading import load_files
from tui_flow.cli.lookup import find_dag, newest_spec, open_reader
from tui_flow.errors import BadDag
from tui_flow.loader.loaded import Loaded
from tui_flow.settings import dags_folder, home_from_environment, load_settings
from tui_flow.spec import Json
from tui_flow.timetables import timetable_from_dict


def with_told_dates(args: Mapping[str, Json]) -> Mapping[str, Json]:
    """Arguments of `create_backfill`, with `told` where the DAG's file must be asked, in the version that is known, and
    was not yet.

    Raises BadDag where the file cannot say it.
    """
    if "told" in args:
        return args
    home = home_from_environment()
    with open_reader() as reader:
        dag = find_dag(reader, str(args["dag_id"]))
        if dag.is_missing or not timetable_from_dict(newest_spec(reader, dag).timetable).is_told:
            return args
    settings = load_settings(home)
    asked = {"source_version": dag.source_version, "span": (dag.dag_id, args["from_date"], args["to_date"])}
    answers = load_files(dags_folder(home, settings), [dag.file], home.sources, settings, asked)
    loaded = Loaded.from_dict(next(answers))
    if loaded.failure is not None:
        raise BadDag(f"{dag.file} cannot tell the dates of DAG {dag.dag_id!r}: {loaded.failure.message}")
    return {**args, "told": [run.to_list() for run in loaded.in_span]}
