"""XComs that are set by hand: the verb and the command. Pure."""

from __future__ import annotations

from tui_flow.spec import Json
from tui_flow.tui.places import Place
from tui_flow.tui.views.deeds import Deed, command


def set_xcom_deed(place: Place, key: str, value: str, is_new: bool) -> Deed:
    args: dict[str, Json] = {
        "dag_id": place.dag_id,
        "run_id": place.run_id,
        "task_id": place.task_id,
        "map_index": place.map_index,
        "key": key,
        "value": value,
        "only_new": is_new,
    }
    words: list[object] = ["xcom", "set", place.dag_id, place.task_id, key, value, "--run", place.run_id]
    words += ["--map-index", place.map_index] if place.map_index >= 0 else []
    return Deed("set_xcom", args, command(*words))


def editable(stored: str) -> str:
    """The JSON of a stored value; empty for one that is no plain JSON, or is in a file."""
    return "" if '"$' in stored else stored
