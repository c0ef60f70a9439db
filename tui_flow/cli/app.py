"""The root command, and the edge where every error becomes one line on stderr and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated, Any

import typer

from tui_flow import __version__
from tui_flow.cli.habits import OPTIONS
from tui_flow.cli.lazy import VerbGroup
from tui_flow.cli.show import can_draw, one_line
from tui_flow.errors import DagNotFound, TuiflowError
from tui_flow.logs.safe import safe
from tui_flow.settings import home_from_environment
from tui_flow.store.lock import is_held

INTERRUPTED = 130
app = typer.Typer(
    cls=VerbGroup,
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback()
def root(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
    dags: Annotated[
        str | None, typer.Option("--dags", metavar="FOLDER", help="Take DAG files from there; see `tuiflow up --help`.")
    ] = None,
) -> None:
    """Workflows on one machine: DAG files as for Apache Airflow, scheduled, run and shown in a terminal.

    Without a command the dashboard opens. Everything is kept in TUIFLOW_HOME (~/.tuiflow unless set).
    """
    if version:
        typer.echo(f"tuiflow {__version__}")
        raise typer.Exit
    if dags is not None:
        from tui_flow.cli import dags_option  # for those who name one

        dags_option.use(dags)
    if ctx.invoked_subcommand is None:
        if not can_draw():
            typer.echo(ctx.get_help())
            return
        from tui_flow.cli.dashboard import open_dashboard  # Textual: a quarter of a second that no verb pays

        raise typer.Exit(open_dashboard(starts=dags is not None))


def root_command() -> Any:
    """The whole command tree."""
    return typer.main.get_command(app)


def run(words: Sequence[str]) -> int:
    """Run one command line; its exit code. Nothing that a user can cause leaves a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a locale that lacks a sign must not end the command
    try:
        code = root_command().main(args=list(words), prog_name="tuiflow", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except TuiflowError as err:
        return _complain(f"{err}{_hint(err)}", err.exit_code)
    except typer.TyperException as err:
        if type(err).__name__ == "NoArgsIsHelpError":  # its message is the whole help of a group
            print(err.format_message(), file=sys.stderr)
            return err.exit_code
        return _complain(_usage_line(err), err.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        return _complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter complains when it flushes at its end
        return 0
    except Exception:  # the front end's edge: our own mistake, reported as such
        print(safe(traceback.format_exc()), file=sys.stderr)
        return _complain("this is a mistake in tuiflow; please report it with the lines above", 1)


def _hint(err: TuiflowError) -> str:
    """Why a DAG whose file is there may be unknown."""
    if not isinstance(err, DagNotFound) or is_held(home_from_environment()):
        return ""
    return "; no scheduler is running, so new files are not seen: `tuiflow up` starts one"


def _usage_line(err: typer.TyperException) -> str:
    """typer's complaint as one line that names the help to read."""
    ctx = getattr(err, "ctx", None)
    where = f"; see `{ctx.command_path} --help`" if ctx is not None else ""
    text = " ".join(err.format_message().split()).rstrip(".")
    if (ours := OPTIONS.get(getattr(err, "option_name", ""))) is not None:
        where = f"; here it is {ours}{where}"
    return f"{text[:1].lower()}{text[1:]}{where}"


def _complain(message: str, exit_code: int) -> int:
    print(f"tuiflow: {one_line(message)}", file=sys.stderr)
    return exit_code
