"""Pools, variables and connections to a file and from one, in Airflow's formats, as the commands do it."""

from __future__ import annotations

from tui_flow.cli.inputs import read_file, write_file
from tui_flow.cli.lookup import open_reader
from tui_flow.sdk import file_formats
from tui_flow.spec import Json


def export_settings(kind: str, path: str) -> int:
    """How many were written; nothing in the file is masked, and only its owner can read it."""
    form = file_formats.format_to_write(kind, path)
    with open_reader() as reader:
        if kind == "connection":
            connections = reader.connections()
            count, text = len(connections), file_formats.connections_text(connections, form)
        elif kind == "variable":
            variables = reader.variables()
            count, text = len(variables), file_formats.variables_text(variables)
        else:
            pools = [use.pool for use in reader.pools()]
            count, text = len(pools), file_formats.pools_text(pools)
    write_file(path, text)
    return count


def read_settings(kind: str, path: str) -> dict[str, Json]:
    """The arguments of the verb that imports them."""
    form = file_formats.format_of(path)
    text = read_file(path)
    if kind == "connection":
        return {"connections": dict(file_formats.read_connections(text, form))}
    if kind == "variable":
        values, descriptions = file_formats.read_variables(text, form)
        return {"variables": values, "descriptions": descriptions}
    return {"pools": file_formats.read_pools(text, form)}
