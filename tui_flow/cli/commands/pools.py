"""`tuiflow pools ...`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tui_flow.cli.act import act
from tui_flow.cli.inputs import confirm, read_file, write_file
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import open_reader
from tui_flow.cli.options import AsJson, ExportFile, ImportFile, PoolName, Yes
from tui_flow.cli.show import View, count, facts, listing, say
from tui_flow.errors import NotFound, did_you_mean
from tui_flow.records import PoolUse

app = group_app("List, get, set, delete, import and export pools.")


@command(app, "list", example="tuiflow pools list")
def list_pools(as_json: AsJson = False) -> None:
    """List pools with their slots and how many are taken."""
    with open_reader() as reader:
        rows = [_row(use, as_json) for use in reader.pools()]
    columns = "name slots running queued deferred open description"
    listing(rows, columns, View(as_json), empty="no pools; `tuiflow pools set NAME SLOTS` makes one")


def _row(use: PoolUse, as_json: bool) -> dict[str, Any]:
    return {
        "name": use.pool.name,
        "slots": "unlimited" if use.pool.slots < 0 and not as_json else use.pool.slots,
        "running": use.running,
        "queued": use.queued,
        "deferred": use.deferred,
        "open": use.open_slots,
        "include_deferred": use.pool.include_deferred,
        "description": use.pool.description,
    }


@command(app, "set", example="tuiflow pools set database 4 --description 'connections that it allows'")
def set_pool(
    name: PoolName,
    slots: Annotated[int, typer.Argument(metavar="SLOTS", help="Slots; 0 closes the pool, -1 means no limit.")],
    include_deferred: Annotated[
        bool, typer.Option("--include-deferred", help="Deferred tasks keep their slots.")
    ] = False,
    description: Annotated[str, typer.Option(metavar="TEXT", help="What it is for.")] = "",
) -> None:
    """Create a pool or change one."""
    act("set_pool", name=name, slots=slots, include_deferred=include_deferred, description=description)
    say(f"pool {name!r} has {'no limit' if slots < 0 else count(slots, 'slot')}")


@command(app, "delete", example="tuiflow pools delete database -y")
def delete_pool(name: PoolName, yes: Yes = False) -> None:
    """Delete a pool; tasks that name it wait until it is there again."""
    confirm(f"Delete pool {name!r}?", yes)
    act("delete_pool", name=name)
    say(f"deleted pool {name!r}")


@command(app, "get", example="tuiflow pools get default_pool")
def get_pool(name: PoolName, as_json: AsJson = False) -> None:
    """Show one pool with its slots and how many are taken."""
    with open_reader() as reader:
        found = {use.pool.name: use for use in reader.pools()}
    if name not in found:
        raise NotFound(f"no pool {name!r}{did_you_mean(name, found)}; `tuiflow pools list` shows them")
    facts(_row(found[name], as_json), View(as_json))


@command(app, "import", example="tuiflow pools import pools.json")
def import_pools(file: ImportFile) -> None:
    """Create or change the pools that a JSON file holds, as Airflow exports them."""
    from tui_flow.sdk import file_formats  # 60 ms, for files only

    done: Any = act("import_pools", pools=file_formats.read_pools(read_file(file)))
    say(f"{count(len(done['set']), 'pool')} set")


@command(app, "export", example="tuiflow pools export pools.json")
def export_pools(file: ExportFile) -> None:
    """Write all pools to a JSON file, as Airflow does."""
    from tui_flow.sdk import file_formats  # 60 ms, for files only

    with open_reader() as reader:
        pools = [use.pool for use in reader.pools()]
    write_file(file, file_formats.pools_text(pools))
    say(f"wrote {count(len(pools), 'pool')}")
