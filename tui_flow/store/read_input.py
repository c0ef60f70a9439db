"""Reads of what tasks ask of people."""

from __future__ import annotations

import json

from tui_flow.records import InputRequest, TaskInstanceKey
from tui_flow.store import rows
from tui_flow.store.connect import Row
from tui_flow.store.read_base import ReadBase
from tui_flow.store.schema import LIVE_TASKS

_COLUMNS = """i.id, i.run, i.task_id, i.map_index, r.dag_id, r.run_id, i.subject, i.body, i.options, i.defaults,
    i.multiple, i.params, i.assigned_users, i.created_at, t.due_at, i.responded_at, i.responded_by, i.chosen_options,
    i.params_input, i.note"""
_WAITING = f"(SELECT * FROM task_instance WHERE {LIVE_TASKS} AND state = 'awaiting_input')"
_JOIN = "i.run = t.run AND i.task_id = t.task_id AND i.map_index = t.map_index"


class InputReads(ReadBase):
    def waiting_input(self, dag_id: str | None = None) -> list[InputRequest]:
        """What waits for a person now, the oldest first."""
        where, values = ("", ()) if dag_id is None else (" AND r.dag_id = ?", (dag_id,))
        found = self._all(
            f"""SELECT {_COLUMNS} FROM {_WAITING} t JOIN input_request i ON {_JOIN} JOIN dag_run r ON r.id = t.run
            WHERE i.responded_at IS NULL{where} ORDER BY i.created_at, i.id""",
            values,
        )
        return [_request(row) for row in found]


def _request(row: Row) -> InputRequest:
    return InputRequest(
        id=row[0],
        key=TaskInstanceKey(row[1], row[2], row[3]),
        dag_id=row[4],
        run_id=row[5],
        subject=row[6],
        body=row[7],
        options=tuple(json.loads(row[8])),
        defaults=None if row[9] is None else tuple(json.loads(row[9])),
        multiple=bool(row[10]),
        params=json.loads(row[11]),
        assigned_users=tuple(json.loads(row[12])),
        created_at=rows.moment(row[13]),
        due_at=rows.moment(row[14]),
        responded_at=rows.moment(row[15]),
        responded_by=row[16],
        chosen_options=None if row[17] is None else tuple(json.loads(row[17])),
        params_input=None if row[18] is None else json.loads(row[18]),
        note=row[19],
    )
