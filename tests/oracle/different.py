"""Where tuiflow differs from Airflow 3.3.2 on purpose: rules over cases, each with its reason, never their ids.

A case that a rule covers must fail; one that passes after all fails the suite.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from rfc3339_validator import validate_rfc3339  # type: ignore[import-untyped]

from tests.oracle.cases import Case


@dataclass(frozen=True, slots=True)
class Difference:
    reason: str
    covers: Callable[[Case], bool]


def _fixes_a_failed_run(case: Case) -> bool:
    """All tasks of a failed run are marked fine."""
    return case["category"] == "mark" and any(
        run["dag_run_state"] == "failed" and set(run["tasks"].values()) <= {"success", "skipped"}
        for run in case["expected"]
    )


def _takes_a_bad_time(case: Case) -> bool:
    given = case["input"]
    if case["category"] != "param" or given["param"].get("format") != "date-time" or "error" in case["expected"]:
        return False
    value = given["value"] if given["value_given"] else given["param"].get("default")
    return isinstance(value, str) and not validate_rfc3339(value)


def _forgets_the_default(case: Case) -> bool:
    """A task pulls what is not there, with a default, and gets nothing."""
    if case["category"] != "dag_run":
        return False
    pulls_with_default = re.search(r"xcom_pull\([^)]*key=[^)]*default=", case["input"].get("source", ""))
    return pulls_with_default is not None and any(
        isinstance(row["value"], list) and None in row["value"] for row in case["expected"]["xcoms"]
    )


def _forgets_a_mapped_choice(case: Case) -> bool:
    """An instance of a mapped branch chose, and what it did not follow ran with the same map index."""
    if case["category"] != "dag_run":
        return False
    followed = {
        (row["task_id"], row["map_index"]): row["value"]["followed"]
        for row in case["expected"]["xcoms"]
        if row["key"] == "skipmixin_key" and row["map_index"] >= 0 and "followed" in row["value"]
    }
    ran = {(ti["task_id"], ti["map_index"]) for ti in case["expected"]["task_instances"] if ti["state"] != "skipped"}
    return any(
        (task_id, index) in ran and task_id not in chosen
        for (branch, index), chosen in followed.items()
        for (other, _), choices in followed.items()
        if other == branch
        for task_id in choices
    )


DIFFERENT = (
    Difference("marking all tasks of a failed run successful makes the run successful here", _fixes_a_failed_run),
    Difference("`date-time` is always checked here; Airflow needs a further package for it", _takes_a_bad_time),
    Difference("each instance of a mapped group goes the way that its branch chose", _forgets_a_mapped_choice),
    Difference("`xcom_pull(default=)` gives the default; Airflow forgets it without map_indexes", _forgets_the_default),
)


def difference_of(case: Case) -> str | None:
    """Why the case must fail; None when it must pass."""
    return next((rule.reason for rule in DIFFERENT if rule.covers(case)), None)
