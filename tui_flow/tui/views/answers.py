"""What a task asks of a person, as lines; an answer as a verb and the command that does the same. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from rich.style import Style

from tui_flow.records import InputRequest
from tui_flow.spec import Json
from tui_flow.tui.palette import BOLD, DIM
from tui_flow.tui.places import Place
from tui_flow.tui.text import plain
from tui_flow.tui.views import spans
from tui_flow.tui.views.deeds import Deed, command
from tui_flow.tui.views.run_names import run_name

MOST_LINES = 200


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


def request_lines(request: InputRequest, is_utc: bool) -> list[tuple[str, Style | None]]:
    """Its subject, its body, and until when it waits."""
    lines: list[tuple[str, Style | None]] = [(plain(request.subject), BOLD)]
    lines += [(plain(line), None) for line in (request.body or "").splitlines()[:MOST_LINES]]
    if request.due_at is not None:
        then = f"then {plain(', '.join(request.defaults))}" if request.defaults else "then it fails"
        lines.append((f"waits until {spans.minute(request.due_at, is_utc)}, {then}", DIM))
    if request.assigned_users:
        lines.append((f"for {plain(', '.join(request.assigned_users))}", DIM))
    return lines


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
