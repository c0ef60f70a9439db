"""`tuiflow dags ...`."""

from __future__ import annotations

from dataclasses import asdict
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_flow import times
from tui_flow.cli.act import act
from tui_flow.cli.background import running_scheduler
from tui_flow.cli.inputs import confirm
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import find_dag, newest_spec, open_reader, without_secret_names
from tui_flow.cli.options import AnyDagId, AsJson, DagId, InRun, InUtc, Limit, Yes
from tui_flow.cli.show import View, count, facts, heading, lines, listing, one_line, print_json, say
from tui_flow.errors import NotFound, UsageError
from tui_flow.records import Dag
from tui_flow.settings import dags_folder, home_from_environment, load_settings
from tui_flow.spec import DagSpec, TaskSpec

if TYPE_CHECKING:
    from tui_flow.store.reader import Reader

app = group_app("List, show, compare and delete DAGs, their next runs and import errors.")


@command(app, "list", example="tuiflow dags list --tag daily")
def list_dags(
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="Only DAGs with this tag.")] = None,
    paused: Annotated[bool, typer.Option("--paused", help="Only paused ones.")] = False,
    active: Annotated[bool, typer.Option("--active", help="Only those that are not paused.")] = False,
    every: Annotated[bool, typer.Option("--all", "-a", help="Also DAGs whose file is gone.")] = False,
    as_json: AsJson = False,
    utc: InUtc = False,
) -> None:
    """List DAGs with their schedule, next run and the state of the newest run."""
    with open_reader() as reader:
        found = [
            dag
            for dag in reader.dags(with_missing=every)
            if (tag is None or tag in dag.tags)
            and not (paused and not dag.is_paused)
            and not (active and dag.is_paused)
        ]
        rows = [_row(reader, dag) for dag in found]
        errors = reader.import_errors()
    columns = "dag_id status schedule next_run_after last_run last_run_after tags"
    listing(rows, columns, View(as_json, utc), empty=_nothing(bool(tag or paused or active)))
    if errors and not as_json:
        say(f"{count(len(errors), 'file')} cannot be imported: `tuiflow dags import-errors`")


def _row(reader: Reader, dag: Dag) -> dict[str, Any]:
    last = reader.run(dag.dag_id)
    return {
        "dag_id": dag.dag_id,
        "status": _status(dag),
        "schedule": dag.schedule,
        "is_paused": dag.is_paused,
        "is_missing": dag.is_missing,
        "next_run_after": None if dag.is_paused else dag.next_run_after,
        "last_run": last.state if last else None,
        "last_run_after": last.run_after if last else None,
        "last_run_id": last.run_id if last else None,
        "tags": dag.tags,
        "file": dag.file,
        "description": dag.description,
        "import_error": dag.import_error,
    }


def _status(dag: Dag) -> str:
    """What keeps a DAG from being scheduled, in a word."""
    if dag.is_missing:
        return "file gone"
    if dag.import_error:
        return "broken file"
    return "paused" if dag.is_paused else "active"


def _nothing(is_filtered: bool) -> str:
    if is_filtered:
        return "no DAG matches; `tuiflow dags list` without options shows all"
    home = home_from_environment()
    folder = dags_folder(home, load_settings(home))
    return f"no DAGs yet: put a file into {folder}; with a scheduler running (`tuiflow up`) it shows at once"


@command(app, "show", example="tuiflow dags show etl --graph")
def show_dag(
    dag_id: DagId,
    graph: Annotated[bool, typer.Option("--graph", "-g", help="Draw the DAG, with the states of a run.")] = False,
    as_outline: Annotated[bool, typer.Option("--outline", help="Draw it with a line for each task.")] = False,
    run_id: InRun = None,
    fold: Annotated[
        list[str] | None, typer.Option("--fold", metavar="GROUP", help="Fold this task group. Repeatable.")
    ] = None,
    unfold: Annotated[bool, typer.Option("--unfold", help="Fold nothing, however large the DAG is.")] = False,
    in_ascii: Annotated[bool, typer.Option("--ascii", help="Draw with plain characters.")] = False,
    source: Annotated[bool, typer.Option("--source", "-s", help="Print its file, as it was parsed last.")] = False,
    as_json: AsJson = False,
    utc: InUtc = False,
) -> None:
    """Show one DAG: its schedule, limits, params and tasks in running order; or draw it, or print its file.

    Of Airflow's files it says whose defaults they mean, and why.
    """
    if source:
        _show_source(dag_id)
    elif graph or as_outline:
        from tui_flow.cli.drawing import picture_of  # for those who want to see

        for line in picture_of(dag_id, run_id, fold or [], unfold, as_outline, in_ascii):
            print(line)
    else:
        _show(dag_id, as_json, utc)


def _show_source(dag_id: str) -> None:
    from tui_flow.cli import versions  # the loader, here only

    with open_reader() as reader:
        dag = find_dag(reader, dag_id)
    lines(versions.source_text(home_from_environment(), dag).splitlines())


def _show(dag_id: str, as_json: bool, utc: bool) -> None:
    from tui_flow.actions.upcoming import awaited_assets, schedule_in_words  # timetables cost 40 ms

    view = View(as_json, utc)
    with open_reader() as reader:
        dag = find_dag(reader, dag_id)
        spec = newest_spec(reader, dag)
        row = _row(reader, dag)
        waits_for = awaited_assets(reader, dag, spec)
    details = {key: value for key, value in row.items() if as_json or key not in _LIST_ONLY}
    details |= {"runs": schedule_in_words(spec), "waits_for": waits_for} | _details(dag, spec)
    tasks = [
        {"task_id": task.task_id, "operator": task.operator, "after": task.upstream, "rule": task.trigger_rule}
        for task in _running_order(spec)
    ]
    if as_json:
        facts(details | {"tasks": tasks}, view)
        return
    facts(details, view)
    heading(count(len(tasks), "task"))
    listing(tasks, "task_id operator rule after", view, empty="this DAG has no tasks")


_LIST_ONLY = frozenset({"is_paused", "is_missing", "last_run_id"})


def _details(dag: Dag, spec: DagSpec) -> dict[str, Any]:
    return {
        "called": spec.display_name,
        "owners": spec.owners,
        "version": dag.version_number,
        "source_version": dag.source_version,
        "dialect": f"{spec.dialect} ({spec.dialect_reason})" if spec.dialect_reason else spec.dialect,
        "timezone": spec.timezone,
        "start_date": spec.start_date,
        "end_date": spec.end_date,
        "catchup": spec.catchup,
        "max_active_runs": spec.max_active_runs,
        "max_active_tasks": spec.max_active_tasks,
        "params": without_secret_names({name: schema.get("default") for name, schema in spec.params.items()}),
        "ignored": spec.ignored,
        "doc": spec.doc,
    }


def _running_order(spec: DagSpec) -> list[TaskSpec]:
    """Tasks so that each stands below its upstreams, else in file order."""
    sorter = TopologicalSorter({task.task_id: task.upstream for task in spec.tasks})
    sorter.prepare()
    ordered: list[TaskSpec] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=spec.order.__getitem__)
        ordered += [spec.by_id[task_id] for task_id in ready]
        sorter.done(*ready)
    return ordered


@command(app, "next", example="tuiflow dags next etl -n 5")
def next_runs(dag_id: DagId, limit: Limit = 5, as_json: AsJson = False, utc: InUtc = False) -> None:
    """Show when the next scheduled runs fall due, which span of data each covers, and which assets a DAG waits for."""
    from tui_flow.actions.upcoming import asset_reasons, upcoming_runs  # timetables cost 40 ms, here only

    with open_reader() as reader:
        dag = find_dag(reader, dag_id)
        spec = newest_spec(reader, dag)
        at = times.now()
        asset_lines = asset_reasons(reader, dag, spec, at)
        coming = upcoming_runs(reader, dag, spec, at, limit)
    rows = [
        {
            "run_after": info.run_after,
            "due": times.away(info.run_after, at),
            "logical_date": info.logical_date,
            "data_interval_start": info.data_interval.start,
            "data_interval_end": info.data_interval.end,
        }
        for info in coming
    ]
    if dag.is_paused:
        say(f"DAG {dag_id!r} is paused: none of these runs until `tuiflow unpause {dag_id}`")
    for line in asset_lines:
        say(f"DAG {dag_id!r}: {line}")
    columns = "run_after due data_interval_start data_interval_end"
    empty = f"DAG {dag_id!r} has no scheduled run to come (schedule: {dag.schedule or 'none'})"
    listing(rows, columns, View(as_json, utc), empty=empty)


@command(app, "dependencies", example="tuiflow dags dependencies --graph")
def dependencies(
    dag_id: AnyDagId = None,
    graph: Annotated[bool, typer.Option("--graph", "-g", help="Draw the DAGs.")] = False,
    in_ascii: Annotated[bool, typer.Option("--ascii", help="Draw with plain characters.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show which DAGs lead to which: by triggering a run, by a sensor that waits, by an asset."""
    from tui_flow.planner.dependencies import dag_dependencies  # here only

    with open_reader() as reader:
        if dag_id is not None:
            find_dag(reader, dag_id)
        specs = [newest_spec(reader, dag) for dag in reader.dags(with_missing=False)]
        found = dag_dependencies(specs, reader.asset_references())
    found = [each for each in found if dag_id in (None, each.dag_id, each.leads_to)]
    if graph and found:
        from tui_flow.cli.drawing import drawn_dags  # for those who want to see

        for line in drawn_dags(found, in_ascii):
            print(line)
        return
    empty = "no DAG leads to another: none triggers, waits for or takes the assets of another"
    listing([asdict(each) for each in found], "dag_id leads_to how via", View(as_json), empty=empty)


@command(app, "diff", example="tuiflow dags diff etl 3 4")
def diff(
    dag_id: DagId,
    old: Annotated[
        str | None, typer.Argument(metavar="[A]", help="Version number or run id; the last one but one.")
    ] = None,
    new: Annotated[str | None, typer.Argument(metavar="[B]", help="Version number or run id; the newest.")] = None,
    source: Annotated[bool, typer.Option("--source", "-s", help="Also the lines of the files that differ.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what changed between two versions of a DAG: schedule, settings, tasks, and the source."""
    from tui_flow.cli import versions  # the loader and the planner, here only
    from tui_flow.planner.spec_diff import diff_specs

    with open_reader() as reader:
        dag = find_dag(reader, dag_id)
        if old is None:
            pair = versions.last_two(reader, dag)
            if pair is None:
                raise NotFound(f"DAG {dag_id!r} has one version only; name two runs to compare their source")
        else:
            pair = (
                versions.find_version(reader, dag, old),
                versions.find_version(reader, dag, new or str(dag.version_number)),
            )
    rows = [asdict(change) for change in diff_specs(pair[0].spec, pair[1].spec)]
    changed = list(versions.source_diff(home_from_environment(), *pair)) if source else []
    if as_json:
        print_json({"a": pair[0].name, "b": pair[1].name, "changes": rows, "source": changed})
        return
    print(f"{one_line(pair[0].name)} -> {one_line(pair[1].name)}")
    listing(rows, "kind name change field old new", View(), empty="the structure is the same")
    if source and not changed:
        say("the source is the same")
    lines(changed)


@command(app, "import-errors", example="tuiflow dags import-errors")
def import_errors(as_json: AsJson = False, utc: InUtc = False) -> None:
    """Show the DAG files that cannot be imported, each with its line and error."""
    view = View(as_json, utc)
    with open_reader() as reader:
        errors = reader.import_errors()
    if as_json or not errors:
        rows = [{"file": e.file, "line": e.line, "message": e.message, "at": e.at} for e in errors]
        listing(rows, "file", view, empty="no import errors: every DAG file is fine")
        return
    for error in errors:
        heading(f"{error.file}, line {error.line}" if error.line else error.file)
        facts({"since": error.at}, view)
        lines(error.message.splitlines())


@command(app, "reparse", example="tuiflow dags reparse etl.py")
def reparse(
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="Path below the DAGs folder; all without it.")
    ] = None,
) -> None:
    """Have DAG files parsed again, as when they change; needs a running scheduler."""
    if running_scheduler(home_from_environment()) is None:
        raise UsageError(
            "no scheduler is running to parse files; `tuiflow up` starts one, `tuiflow check` parses without"
        )
    answer: Any = act("reparse", file=file)
    say(f"asked for {count(len(answer['files']), 'file')} to be parsed; `tuiflow dags import-errors` tells how it went")


@command(app, "delete", example="tuiflow dags delete old_etl -y")
def delete_dag(dag_id: DagId, yes: Yes = False) -> None:
    """Delete a DAG's runs, task instances and logs; its file stays, and brings the DAG back when it is parsed again."""
    with open_reader() as reader:
        find_dag(reader, dag_id)
        runs = len(reader.run_ids(dag_id))
    confirm(f"Delete DAG {dag_id!r} and its history ({count(runs, 'run')})?", yes)
    act("delete_dag", dag_id=dag_id)
    say(f"deleted DAG {dag_id!r} and {count(runs, 'run')}")
