"""Parameters that several commands share, under one spelling each, with their completion from the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from tui_flow.cli.lookup import open_reader

if TYPE_CHECKING:
    from tui_flow.store.reader import Reader


def _complete(find: Callable[[Reader, typer.Context], Iterable[str]]) -> Callable[..., list[str]]:
    """A completion from the database; anything that goes wrong completes nothing, without a word."""

    def names(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            with open_reader() as reader:
                return [name for name in find(reader, ctx) if name.startswith(incomplete)]
        except Exception:  # the edge to the user's shell
            return []

    return names


def _dag_ids(reader: Reader, ctx: typer.Context) -> Iterable[str]:
    return reader.dag_ids()


def _task_ids(reader: Reader, ctx: typer.Context) -> Iterable[str]:
    dag = reader.dag(ctx.params["dag_id"])
    return [task.task_id for task in reader.spec(dag.dag_id, dag.spec_version).tasks] if dag else ()


def _run_ids(reader: Reader, ctx: typer.Context) -> Iterable[str]:
    return reader.run_ids(ctx.params["dag_id"])


def _pools(reader: Reader, ctx: typer.Context) -> Iterable[str]:
    return [use.pool.name for use in reader.pools()]


complete_tasks = _complete(_task_ids)
_DAG = typer.Argument(metavar="DAG", help="DAG id.", autocompletion=_complete(_dag_ids), show_default=False)

DagId = Annotated[str, _DAG]
DagIds = Annotated[
    list[str], typer.Argument(metavar="DAG...", help="DAG ids.", autocompletion=_complete(_dag_ids), show_default=False)
]
AnyDagId = Annotated[
    str | None,
    typer.Argument(metavar="[DAG]", help="Only this DAG.", autocompletion=_complete(_dag_ids), show_default=False),
]
TaskId = Annotated[
    str, typer.Argument(metavar="TASK", help="Task id.", autocompletion=complete_tasks, show_default=False)
]
AnyTaskId = Annotated[
    str | None,
    typer.Argument(metavar="[TASK]", help="Task id.", autocompletion=complete_tasks, show_default=False),
]
InRun = Annotated[
    str | None,
    typer.Option("--run", metavar="RUN", help="Run id; the newest run without it.", autocompletion=_complete(_run_ids)),
]
InRuns = Annotated[
    list[str] | None,
    typer.Option(
        "--run",
        metavar="RUN",
        help="Run id; the newest run without it. Repeatable.",
        autocompletion=_complete(_run_ids),
    ),
]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="A note on what changes.")]
RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="Run id.", autocompletion=_complete(_run_ids), show_default=False)
]
NewestRun = Annotated[
    str | None,
    typer.Argument(
        metavar="[RUN]",
        help="Run id; the newest run without it.",
        autocompletion=_complete(_run_ids),
        show_default=False,
    ),
]
PoolName = Annotated[
    str, typer.Argument(metavar="POOL", help="Pool name.", autocompletion=_complete(_pools), show_default=False)
]
VariableKey = Annotated[
    str,
    typer.Argument(
        metavar="KEY", autocompletion=_complete(lambda reader, ctx: reader.variable_keys()), show_default=False
    ),
]
ConnectionId = Annotated[
    str,
    typer.Argument(
        metavar="ID", autocompletion=_complete(lambda reader, ctx: reader.connection_ids()), show_default=False
    ),
]
AssetName = Annotated[
    str,
    typer.Argument(
        metavar="ASSET",
        help="Name of an asset, or its URI.",
        autocompletion=_complete(lambda reader, ctx: (asset.name for asset in reader.assets())),
        show_default=False,
    ),
]
MapIndex = Annotated[int, typer.Option("--map-index", metavar="N", help="Which one of a mapped task.")]
Conf = Annotated[
    str | None, typer.Option("--conf", "-c", metavar="JSON", help="Run configuration, a JSON object or @FILE.")
]
ParamPairs = Annotated[
    list[str] | None,
    typer.Option("--param", "-p", metavar="KEY=VALUE", help="One param; JSON where it is JSON, else text. Repeatable."),
]
LogicalDate = Annotated[
    str | None, typer.Option("--logical-date", "-l", metavar="DATE", help="Logical date; now without it.")
]
Past = Annotated[bool, typer.Option("--past", help="In all earlier runs too.")]
Future = Annotated[bool, typer.Option("--future", help="In all later runs too.")]
Upstream = Annotated[bool, typer.Option("--upstream", "-u", help="Also what these tasks wait for.")]
Limit = Annotated[int, typer.Option("--limit", "-n", metavar="N", help="At most so many.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
InUtc = Annotated[bool, typer.Option("--utc", help="Read and show times in UTC instead of the local zone.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")]
Reveal = Annotated[bool, typer.Option("--reveal", "--show-values", help="Show the values instead of ***.")]
ImportFile = Annotated[
    str, typer.Argument(metavar="FILE", help="File to read; - is what is piped in.", show_default=False)
]
ExportFile = Annotated[str, typer.Argument(metavar="FILE", help="File to write; - prints it.", show_default=False)]
FormatOfFile = Annotated[
    str | None, typer.Option("--file-format", metavar="FORMAT", help="json, yaml or env; by the file's ending.")
]
