"""`tuiflow pools ...`."""

from __future__ import annotations

from typing import Annotated

import typer

from tui_flow.cli.act import act
from tui_flow.cli.inputs import confirm
from tui_flow.cli.lazy import command, group_app
from tui_flow.cli.lookup import open_reader
from tui_flow.cli.options import AsJson, PoolName, Yes
from tui_flow.cli.show import View, count, listing, say

app = group_app("List, set and delete pools.")


@command(app, "list", example="tuiflow pools list")
def list_pools(as_json: AsJson = False) -> None:
    """List pools with their slots and how many are taken."""
    with open_reader() as reader:
        rows = [
            {
                "name": use.pool.name,
                "slots": "unlimited" if use.pool.slots < 0 and not as_json else use.pool.slots,
                "running": use.running,
                "queued": use.queued,
                "deferred": use.deferred,
                "open": use.open_slots,
                "include_deferred": use.pool.include_deferred,
                "description": use.pool.description,
            }
            for use in reader.pools()
        ]
    columns = "name slots running queued deferred open description"
    listing(rows, columns, View(as_json), empty="no pools; `tuiflow pools set NAME SLOTS` makes one")


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
