"""`airflow.models.XCom`: values of other tasks by name, from inside a task."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from tui_flow.sdk.context import get_current_context
from tui_flow.sdk.history import find_runs
from tui_flow.sdk.moments import moment
from tui_flow.sdk.xcom import XCOM_RETURN_KEY

MAX_XCOM_SIZE = 49344
"""Bytes of a value that Airflow 2 kept at most; providers look at it, nothing here is bound by it."""


class XCom:
    """All methods are class methods; there are no rows to keep."""

    XCOM_RETURN_KEY = XCOM_RETURN_KEY

    @classmethod
    def get_one(
        cls,
        *,
        key: str = XCOM_RETURN_KEY,
        task_id: str | None = None,
        dag_id: str | None = None,
        run_id: str | None = None,
        map_index: int | None = None,
        include_prior_dates: bool = False,
        execution_date: datetime | None = None,
        **kwargs: Any,
    ) -> Any:
        """The value, or None; of the run with `execution_date` where that is given and no `run_id`."""
        indexes = None if map_index in (None, -1) else map_index
        ti = get_current_context()["ti"]
        if execution_date is not None and run_id is None:
            found = find_runs(dag_id or ti.dag_id, [moment(execution_date)])
            if not found:
                return None
            run_id = str(found[0]["run_id"])
        return ti.xcom_pull(
            task_ids=task_id,
            dag_id=dag_id,
            key=key,
            run_id=run_id,
            include_prior_dates=include_prior_dates,
            map_indexes=indexes,
        )

    @classmethod
    def get_value(cls, *, ti_key: Any, key: str = XCOM_RETURN_KEY, **kwargs: Any) -> Any:
        return cls.get_one(key=key, task_id=ti_key.task_id, dag_id=ti_key.dag_id, run_id=ti_key.run_id)

    @classmethod
    def set(cls, key: str, value: Any, **kwargs: Any) -> None:
        """Push a value as the running task."""
        get_current_context()["ti"].xcom_push(key=key, value=value)

    @staticmethod
    def serialize_value(value: Any, **kwargs: Any) -> Any:
        return json.dumps(value)

    @staticmethod
    def deserialize_value(result: Any) -> Any:
        return json.loads(result.value)
