"""What a task asks of a person, as lines; an answer as a verb and the command that does the same. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tui_flow.records import InputRequest
from tui_flow.spec import Json
from tui_flow.tui.palette import BOLD, DIM, Palette
from tui_flow.tui.places import Place
from tui_flow.tui.text import Row, plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.deeds import Deed, command
from tui_flow.tui.views.docs import MARGIN, doc_rows
from tui_flow.tui.views.run_names import run_name


def waits_here(request: InputRequest, place: Place) -> bool:
    """Empty parts of the place fit all."""
    return (
        place.dag_id in ("", request.dag_id)
        and place.run_id in ("", request.run_id)
        and place.task_id in ("", request.key.task_id)
        and (not place.task_id or place.map_index in (-1, request.key.map_index))
    )


def which(request: InputRequest, at: int, count: int, is_utc: bool) -> str:
    """For the title."""
    index = f"[{request.key.map_index}]" if request.key.map_index >= 0 else ""
    more = f" · {at + 1} of {count}" if count > 1 else ""
    return f"Answer {request.key.task_id}{index} · {request.dag_id} · {run_name(request.run_id, is_utc)}{more}"


def request_rows(request: InputRequest, is_utc: bool, width: int, look: Palette) -> list[Row]:
    """Its subject, its body, which is Markdown, and until when it waits."""
    rows = [Row("subject", ((f"{MARGIN}{plain(request.subject)}", BOLD),)), *doc_rows(request.body, width, look)]
    said = []
    if request.due_at is not None:
        then = f"then {plain(', '.join(request.defaults))}" if request.defaults else "then it fails"
        said.append(f"waits until {spans.minute(request.due_at, is_utc)}, {then}")
    if request.assigned_users:
        said.append(f"for {plain(', '.join(request.assigned_users))}")
    return rows + [Row(line, ((f"{MARGIN}{line}", DIM),)) for line in said]


def first_chosen(request: InputRequest) -> tuple[int, ...]:
    """Indexes of the options that are chosen at first: the defaults, else the first where one must be."""
    defaults = tuple(index for index, option in enumerate(request.options) if option in (request.defaults or ()))
    return defaults or (() if request.multiple else (0,))


def answer_deed(
    request: InputRequest, chosen: Sequence[str], entered: Mapping[str, Json], note: str, user: str
) -> Deed:
    key = request.key
    args: dict[str, Json] = {
        "dag_id": request.dag_id,
        "run_id": request.run_id,
        "task_id": key.task_id,
        "map_index": key.map_index,
        "chosen_options": [*chosen],
        "params_input": dict(entered),
        "note": note or None,
        "user": user,
    }
    words: list[object] = ["answer", request.dag_id, key.task_id, "--run", request.run_id]
    if key.map_index >= 0:
        words += ["--map-index", key.map_index]
    for option in chosen:
        words += ["--choose", option]
    for name, value in entered.items():
        words += ["-p", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
    if note:
        words += ["--note", note]
    return Deed("answer", args, command(*words))
