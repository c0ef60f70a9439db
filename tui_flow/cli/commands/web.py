"""`tuiflow web`."""

from __future__ import annotations

from typing import Annotated

import typer

from tui_flow.cli.lazy import command, verb_app

app = verb_app()


@command(app, "web", example="tuiflow web --port 8000")
def web(
    port: Annotated[int, typer.Option(metavar="PORT", help="Port; 0 takes a free one.")] = 8765,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Listen on an address that other machines reach, without encryption.")
    ] = False,
) -> None:
    """Show the dashboard in a browser of this machine. Whoever has the printed address can do all that you can."""
    from tui_flow.cli.serving import serve  # the extra [web]

    serve(host, port, allow_remote)
