"""`tuiflow assets ...`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_flow.asset_records import AssetReference, AssetRow
from tui_flow.cli.act import act
from tui_flow.cli.background import running_scheduler
from tui_flow.cli.commands.runs import update_row
from tui_flow.cli.inputs import parse_conf
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import open_reader, without_secrets
from tui_flow.cli.options import AsJson, AssetName, Conf, InUtc, Limit, ParamPairs
from tui_flow.cli.show import View, facts, heading, listing, say
from tui_flow.settings import home_from_environment

if TYPE_CHECKING:
    from tui_flow.store.reader import Reader

app = group_app("List and show assets, run what makes them, record updates.")
_NONE_YET = "no assets: a DAG names them as outlets of its tasks, or waits for them with schedule=Asset(...)"


@command(app, "list", example="tuiflow assets list")
def list_assets(as_json: AsJson = False, utc: InUtc = False) -> None:
    """List assets with the DAGs that make them and that wait for them."""
    with open_reader() as reader:
        found = [(asset, reader.references_to(asset)) for asset in reader.assets()]
    rows = [
        {
            "name": asset.name,
            "uri": asset.uri,
            "group": asset.group,
            "made_by": _dags(references, "outlet"),
            "awaited_by": _dags(references, "schedule"),
            "last_update": asset.last_event_at,
        }
        for asset, references in found
    ]
    listing(rows, "name uri made_by awaited_by last_update", View(as_json, utc), empty=_NONE_YET)


def _dags(references: Iterable[AssetReference], role: str) -> list[str]:
    return sorted({reference.dag_id for reference in references if reference.role == role})


@command(app, "show", example="tuiflow assets show orders")
def show_asset(asset: AssetName, limit: Limit = 10, as_json: AsJson = False, utc: InUtc = False) -> None:
    """Show one asset: which tasks make and read it, which DAGs wait for it and for what else, its last updates."""
    from tui_flow.actions.assets import find_asset  # the planner, here only

    view = View(as_json, utc)
    with open_reader() as reader:
        found = find_asset(reader, asset)
        references = reader.references_to(found)
        waiting = _waiting(reader, found, references)
        updates = [update_row(event) for event in reader.newest_asset_events(found.id, limit)]
        extra, updates = without_secrets(reader, (found.extra, updates))
    about = {
        "name": found.name,
        "uri": found.uri,
        "group": found.group,
        "extra": extra,
        "made_by": _tasks(references, "outlet"),
        "read_by": _tasks(references, "inlet"),
    }
    if as_json:
        facts(about | {"awaited_by": waiting, "updates": updates}, view)
        return
    facts(about, view)
    heading("DAGs that wait for it")
    listing(waiting, "dag_id schedule updated_at still_waits_for", view, empty="no DAG waits for it")
    heading("last updates")
    listing(updates, "at by run_id extra aliases", view, empty="it was not updated yet")


def _tasks(references: Iterable[AssetReference], role: str) -> list[str]:
    return [f"{found.dag_id}.{found.task_id}" for found in references if found.role == role]


def _waiting(reader: Reader, asset: AssetRow, references: Iterable[AssetReference]) -> list[dict[str, Any]]:
    from tui_flow.planner.assets import waits_for
    from tui_flow.timetables.assets import condition_of

    rows = []
    for dag_id in _dags(references, "schedule"):
        dag = reader.dag(dag_id)
        if dag is None:
            continue
        condition = condition_of(reader.spec(dag_id, dag.spec_version).timetable)
        updated = reader.updates_waiting(dag_id).get(dag_id, [])
        own = [update.queued_at for update in updated if (update.name, update.uri) == (asset.name, asset.uri)]
        rows.append(
            {
                "dag_id": dag_id,
                "schedule": dag.schedule,
                "is_paused": dag.is_paused,
                "updated_at": own[0] if own else None,
                "still_waits_for": waits_for(condition, updated) if condition else (),
            }
        )
    return rows


@command(app, "materialize", example="tuiflow assets materialize orders")
def materialize(
    asset: AssetName,
    dag: Annotated[str | None, typer.Option("--dag", metavar="DAG", help="Which of the DAGs that make it.")] = None,
    conf: Conf = None,
    param: ParamPairs = None,
    as_json: AsJson = False,
) -> None:
    """Queue a run of the DAG that makes an asset."""
    answer: Any = act("materialize_asset", asset=asset, dag_id=dag, conf=parse_conf(conf, param))
    if as_json:
        facts({name: answer[name] for name in ("dag_id", "run_id", "logical_date")}, View(True))
    else:
        print(f"{answer['dag_id']} {answer['run_id']}")
    _warn_without_scheduler()


@command(app, "event", example="tuiflow assets event orders -p rows=120")
def record_event(
    asset: AssetName,
    extra: Annotated[
        str | None, typer.Option("--extra", "-e", metavar="JSON", help="What to tell of it, a JSON object or @FILE.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="KEY=VALUE", help="One value of the extra. Repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Record an update of an asset that no task made; DAGs that wait for it run."""
    answer: Any = act("record_asset_event", asset=asset, extra=parse_conf(extra, param, "--extra"))
    if as_json:
        facts(answer, View(True))
    else:
        waiting = ", ".join(answer["queued_for"])
        say(f"asset {answer['name']!r} is updated; {waiting or 'no DAG'} waits for it")
    _warn_without_scheduler()


def _warn_without_scheduler() -> None:
    if running_scheduler(home_from_environment()) is None:
        say("no scheduler is running, so nothing runs yet: `tuiflow up` starts one")
