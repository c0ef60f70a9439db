"""Checks of a table's contents: `SQLColumnCheckOperator`, `SQLTableCheckOperator`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from tui_flow.operators.sql import BaseSQLOperator
from tui_flow.sdk.context import Context

COLUMN_CHECKS = {
    "null_check": "SUM(CASE WHEN {column} IS NULL THEN 1 ELSE 0 END)",
    "distinct_check": "COUNT(DISTINCT({column}))",
    "unique_check": "COUNT({column}) - COUNT(DISTINCT({column}))",
    "min": "MIN({column})",
    "max": "MAX({column})",
}
"""What each check asks of a column."""
_COMPARISONS = ("equal_to", "greater_than", "geq_to", "less_than", "leq_to")


class SQLColumnCheckOperator(BaseSQLOperator):
    """Compares figures of columns with limits: nulls, distinct values, duplicates, the least and the greatest value.

    `column_mapping`: `{"col": {"null_check": {"equal_to": 0}, "min": {"geq_to": 5, "tolerance": 0.1}}}`.

    All comparisons of a check must hold. `partition_clause` is a condition for all rows; a check may have its own too.
    """

    template_fields: Collection[str] = ("table", "partition_clause", "sql", *BaseSQLOperator.template_fields)
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql"}

    def __init__(
        self,
        *,
        table: str,
        column_mapping: dict[str, dict[str, Any]],
        partition_clause: str | None = None,
        accept_none: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.table, self.column_mapping = table, column_mapping
        self.partition_clause, self.accept_none = partition_clause, accept_none
        for column, checks in column_mapping.items():
            for check, wanted in checks.items():
                _check_wanted(f"task {self.task_id!r}, column {column!r}", check, wanted)
        self.sql = f"SELECT ... FROM {table}"

    def execute(self, context: Context) -> None:
        failed = []
        for column, checks in self.column_mapping.items():
            for check, wanted in checks.items():
                found = self._found(column, check, wanted.get("partition_clause"))
                is_met = meets(found, wanted)
                self.log.info("%s.%s %s: %s, wanted %s", self.table, column, check, found, wanted)
                if not is_met:
                    failed.append(f"column {column}, check {check}: found {found}, wanted {wanted}")
        if failed:
            self.fail(f"Test failed on table {self.table}:\n" + "\n".join(failed))
        self.log.info("All tests have passed")

    def _found(self, column: str, check: str, own_clause: str | None) -> Any:
        where = _where(self.partition_clause, own_clause)
        row = self.get_db_hook().get_first(
            f"SELECT {COLUMN_CHECKS[check].format(column=column)} FROM {self.table}{where}"
        )
        found = row[0] if row else None
        return 0 if found is None and self.accept_none else found


class SQLTableCheckOperator(BaseSQLOperator):
    """Checks that conditions hold for a table's rows, or for figures of all of them.

    `checks`: `{"rows": {"check_statement": "COUNT(*) > 5", "partition_clause": "day = '2024-01-01'"}}`.

    A statement without an aggregate must hold for every row.
    """

    template_fields: Collection[str] = ("table", "partition_clause", "sql", "checks", *BaseSQLOperator.template_fields)
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql"}

    def __init__(
        self, *, table: str, checks: dict[str, dict[str, Any]], partition_clause: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.table, self.checks, self.partition_clause = table, checks, partition_clause
        for name, check in checks.items():
            if "check_statement" not in check:
                raise ValueError(f"task {self.task_id!r}, check {name!r} has no check_statement")
        self.sql = f"SELECT ... FROM {table}"

    def execute(self, context: Context) -> None:
        failed = []
        for name, check in self.checks.items():
            statement = check["check_statement"]
            where = _where(self.partition_clause, check.get("partition_clause"))
            case = f"CASE WHEN {statement} THEN 1 ELSE 0 END"
            row = self.get_db_hook().get_first(
                f"SELECT MIN(check_result) FROM (SELECT {case} AS check_result FROM {self.table}{where}) AS sq"
            )
            is_met = bool(row and row[0] is not None and int(row[0]))
            self.log.info("%s %s: %s is %s", self.table, name, statement, is_met)
            if not is_met:
                failed.append(f"check {name}: {statement}")
        if failed:
            self.fail(f"Test failed on table {self.table}:\n" + "\n".join(failed))
        self.log.info("All tests have passed")


def meets(found: Any, wanted: Mapping[str, Any]) -> bool:
    """Whether a value is as wanted: every comparison holds, its limit widened by the share `tolerance`."""
    if found is None:
        return False
    return all(_holds(name, found, limit, wanted.get("tolerance")) for name, limit in wanted.items())


def _holds(comparison: str, found: Any, limit: Any, tolerance: float | None) -> bool:
    slack = abs(limit) * tolerance if tolerance and comparison in _COMPARISONS else None
    low, high = (limit, limit) if slack is None else (limit - slack, limit + slack)
    match comparison:
        case "equal_to":
            return bool(low <= found <= high)
        case "greater_than":
            return bool(found > low)
        case "geq_to":
            return bool(found >= low)
        case "less_than":
            return bool(found < high)
        case "leq_to":
            return bool(found <= high)
        case _:
            return True


def _where(*clauses: str | None) -> str:
    given = [clause for clause in clauses if clause]
    return f" WHERE {' AND '.join(f'({clause})' for clause in given)}" if given else ""


def _check_wanted(what: str, check: str, wanted: Mapping[str, Any]) -> None:
    if check not in COLUMN_CHECKS:
        raise ValueError(f"{what}: there is no check {check!r}; there are {', '.join(COLUMN_CHECKS)}")
    given = [name for name in _COMPARISONS if name in wanted]
    unknown = sorted(wanted.keys() - {*_COMPARISONS, "tolerance", "partition_clause"})
    if unknown or not given:
        problem = f"{unknown[0]!r} is no comparison" if unknown else "it has no comparison"
        raise ValueError(f"{what}, check {check!r}: {problem}; there are {', '.join(_COMPARISONS)}")
    if len(given) > 1 and "equal_to" in given:
        raise ValueError(f"{what}, check {check!r}: equal_to goes with no other comparison")
