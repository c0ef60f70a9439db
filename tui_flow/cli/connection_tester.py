"""`python -m tui_flow.cli.connection_tester`: the child of `tuiflow connections test`, where hooks run.

Reads one connection as JSON from stdin and answers `{"ok": ..., "message": ...}` on stdout, secrets masked.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from tui_flow.compat.airflow import finder
from tui_flow.masking import MASKER
from tui_flow.sdk.connection import ENV_PREFIXES, Connection


def main() -> None:
    order = json.load(sys.stdin)
    with os.fdopen(os.dup(1), "w") as answer:
        os.dup2(2, 1)
        try:
            found = tested(order["conn_id"], order["fields"])
        except Exception as err:  # the attempt's edge: hooks may be anybody's code
            found = {"ok": False, "message": f"{type(err).__name__}: {err}"}
        answer.write(json.dumps(MASKER.redact_value(found)))


def tested(conn_id: str, fields: dict[str, Any]) -> dict[str, Any]:
    """What the hook of its type finds."""
    connection = Connection(conn_id, **fields)
    for prefix in ENV_PREFIXES:  # a hook asks for its connection by id
        os.environ[prefix + conn_id.upper()] = connection.as_json()
    finder.install()  # the hooks of Airflow's providers import it
    hook = connection.get_hook()
    if not hasattr(hook, "test_connection"):
        return {"ok": False, "message": f"{type(hook).__name__} cannot test connections"}
    is_fine, message = hook.test_connection()
    return {"ok": bool(is_fine), "message": str(message)}


if __name__ == "__main__":
    main()
