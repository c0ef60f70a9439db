"""`python -m tui_flow.cli.renderer`: the child of `tuiflow tasks render`, where user code runs.

Reads one JSON order from stdin: how to load the DAG file, a workload, and what tasks may ask for. Answers the rendered
template fields in one JSON object on stdout, secrets masked; nothing is executed or stored.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from tui_flow.errors import NotPossible
from tui_flow.masking import MASKER
from tui_flow.messages import Workload
from tui_flow.runtime.contexts import context_of
from tui_flow.runtime.mapped import instance_of
from tui_flow.runtime.served import serve_file
from tui_flow.runtime.task_instance import AttemptTaskInstance
from tui_flow.runtime.xcoms import XComFiles
from tui_flow.sdk import backend
from tui_flow.spec import Json


class Given:
    """A task's channel that knows what the order holds and asks nobody."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        self._order = order

    def get_variable(self, key: str) -> str | None:
        return cast("str | None", self._order["variables"].get(key))

    def get_connection(self, conn_id: str) -> Mapping[str, Json] | None:
        return cast("Mapping[str, Json] | None", self._order["connections"].get(conn_id))

    def xcoms(self, args: Mapping[str, Any]) -> list[tuple[str, int, str]]:
        facts = self._order["workload"]
        if (args["dag_id"], args["run_id"]) != (facts["dag_id"], facts["run"]["run_id"]):
            raise NotPossible("XComs of other runs are not there when a template is only rendered")
        rows = self._order["xcoms"]
        return [(t, m, value) for t, m, key, value in rows if t in args["task_ids"] and key == args["key"]]

    def mapped_xcoms(self, args: Mapping[str, Any]) -> Json:
        wanted = range(args["first"], args["stop"])
        rows = [
            [m, value]
            for t, m, key, value in self._order["xcoms"]
            if (t, key) == (args["task_id"], args["key"]) and m in wanted
        ]
        if args["what"] == "count":
            return len(rows)
        return rows[: args["limit"]] if args["what"] == "page" else rows[args["what"]][1]

    def triggering_asset_events(self) -> list[Mapping[str, Json]]:
        return list(self._order["triggering"])

    def __getattr__(self, name: str) -> Any:
        raise NotPossible(f"{name} cannot be asked when a template is only rendered")


def main() -> None:
    order = json.load(sys.stdin)
    with os.fdopen(os.dup(1), "w") as answer:
        os.dup2(2, 1)
        try:
            found: dict[str, Any] = {"fields": rendered_fields(order)}
        except Exception as err:  # the attempt's edge: rendering runs user code
            notes = "; ".join(getattr(err, "__notes__", ()))
            found = {"error": f"{type(err).__name__}: {err}" + (f" ({notes})" if notes else "")}
        answer.write(json.dumps(MASKER.redact_value(found)))


def rendered_fields(order: Mapping[str, Any]) -> dict[str, Json]:
    served = serve_file(order["load"])
    workload = Workload.from_dict(order["workload"])
    task = served.task(workload.dag_id, workload.task_id).for_execution()
    given: Any = Given(order)
    backend.use_backend(given)
    files = XComFiles(Path(order["spill"]), 0, 0)
    ti = AttemptTaskInstance(task, workload, datetime.now(UTC), given, given, files)
    context = context_of(served, workload, task, ti)
    task = instance_of(task, context)
    task.render_template_fields(context)
    return {name: plain(getattr(task, name)) for name in task.template_fields}


def plain(value: Any) -> Json:
    """As JSON where it is JSON, else as Python shows it."""
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError, RecursionError):
        return repr(value)


if __name__ == "__main__":
    main()
