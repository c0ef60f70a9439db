"""Checks of what a query finds: `SQLCheckOperator`, `SQLValueCheckOperator`, `SQLThresholdCheckOperator`,
`SQLIntervalCheckOperator`. A check that does not hold fails its task."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar

from tui_flow.operators.sql import BaseSQLOperator
from tui_flow.sdk.context import Context


class SQLCheckOperator(BaseSQLOperator):
    """Every value of the query's first row must be true."""

    template_fields: Collection[str] = ("sql", "parameters", *BaseSQLOperator.template_fields)
    template_ext: Collection[str] = (".hql", ".sql")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql"}

    def __init__(self, *, sql: str, parameters: Iterable[Any] | Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sql, self.parameters = sql, parameters

    def execute(self, context: Context) -> None:
        self.log.info("Executing SQL check: %s", self.sql)
        records = self.get_db_hook().get_first(self.sql, _given(self.parameters))
        self.log.info("Record: %s", records)
        if not records:
            self.fail(f"The following query returned zero rows: {self.sql}")
        if not all(records):
            self.fail(f"Test failed.\nQuery:\n{self.sql}\nResults:\n{records!s}")


class SQLValueCheckOperator(BaseSQLOperator):
    """Every value of the query's first row must be `pass_value`, for numbers within the share `tolerance` of it."""

    template_fields: Collection[str] = ("sql", "pass_value", "parameters", *BaseSQLOperator.template_fields)
    template_ext: Collection[str] = (".hql", ".sql")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql"}

    def __init__(
        self,
        *,
        sql: str,
        pass_value: Any,
        tolerance: Any = None,
        parameters: Iterable[Any] | Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql, self.pass_value, self.parameters = sql, str(pass_value), parameters
        self.tolerance = float(tolerance) if tolerance is not None else None

    def execute(self, context: Context) -> None:
        records = self.get_db_hook().get_first(self.sql, _given(self.parameters))
        if not records:
            self.fail(f"The following query returned zero rows: {self.sql}")
        if not all(self._passes(value) for value in records):
            tolerance = f" (tolerance {self.tolerance:.0%})" if self.tolerance else ""
            self.fail(
                f"Test failed.\nPass value: {self.pass_value}{tolerance}\nQuery:\n{self.sql}\nResults:\n{records!s}"
            )

    def _passes(self, value: Any) -> bool:
        wanted, found = _number(self.pass_value), _number(value)
        if wanted is None or found is None:
            return str(value) == self.pass_value
        low, high = sorted((wanted * (1 - (self.tolerance or 0)), wanted * (1 + (self.tolerance or 0))))
        return low <= found <= high


class SQLThresholdCheckOperator(BaseSQLOperator):
    """The first value of the query must lie between two thresholds: numbers, or queries of their own."""

    template_fields: Collection[str] = ("sql", "min_threshold", "max_threshold", *BaseSQLOperator.template_fields)
    template_ext: Collection[str] = (".hql", ".sql")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql": "sql"}

    def __init__(self, *, sql: str, min_threshold: Any, max_threshold: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sql, self.min_threshold, self.max_threshold = sql, min_threshold, max_threshold

    def execute(self, context: Context) -> None:
        found, low, high = (self._value(part) for part in (self.sql, self.min_threshold, self.max_threshold))
        self.log.info("Found %s, thresholds %s and %s", found, low, high)
        if not low <= found <= high:
            self.fail(f"Threshold Check: {found} is not between {low} and {high}\nQuery:\n{self.sql}")

    def _value(self, part: Any) -> Any:
        number = _number(part)
        if number is not None:
            return number
        row = self.get_db_hook().get_first(part)
        if not row or row[0] is None:
            self.fail(f"The following query returned zero rows: {part}")
        return row[0]


class SQLIntervalCheckOperator(BaseSQLOperator):
    """Metrics of `table` on the run's day must be within a ratio of those of `days_back` days before."""

    template_fields: Collection[str] = ("sql1", "sql2", *BaseSQLOperator.template_fields)
    template_ext: Collection[str] = (".hql", ".sql")
    template_fields_renderers: ClassVar[dict[str, str]] = {"sql1": "sql", "sql2": "sql"}
    RATIOS = ("max_over_min", "relative_diff")

    def __init__(
        self,
        *,
        table: str,
        metrics_thresholds: dict[str, float],
        date_filter_column: str = "ds",
        days_back: int = -7,
        ratio_formula: str = "max_over_min",
        ignore_zero: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if ratio_formula not in self.RATIOS:
            raise ValueError(f"task {self.task_id!r}: ratio_formula must be {' or '.join(self.RATIOS)}")
        self.metrics_thresholds, self.ratio_formula, self.ignore_zero = metrics_thresholds, ratio_formula, ignore_zero
        selected = f"SELECT {', '.join(sorted(metrics_thresholds))} FROM {table} WHERE {date_filter_column}="
        self.sql1 = f"{selected}'{{{{ ds }}}}'"
        self.sql2 = f"{selected}'{{{{ macros.ds_add(ds, {-abs(days_back)}) }}}}'"

    def execute(self, context: Context) -> None:
        current, reference = (self.get_db_hook().get_first(sql) for sql in (self.sql1, self.sql2))
        for sql, row in ((self.sql1, current), (self.sql2, reference)):
            if not row:
                self.fail(f"The following query returned zero rows: {sql}")
        failed = []
        for name, now, before in zip(sorted(self.metrics_thresholds), current, reference, strict=True):
            ratio, threshold = self._ratio(now or 0, before or 0), self.metrics_thresholds[name]
            self.log.info("%s: now %s, before %s, ratio %s, threshold %s", name, now, before, ratio, threshold)
            if ratio is None and not self.ignore_zero or ratio is not None and ratio >= threshold:
                failed.append(f"{name} (ratio {ratio}, threshold {threshold})")
        if failed:
            self.fail(f"The following tests have failed:\n{chr(10).join(failed)}")

    def _ratio(self, now: float, before: float) -> float | None:
        if not now or not before:
            return None
        if self.ratio_formula == "relative_diff":
            return abs(now - before) / abs(before)
        return max(now, before) / min(now, before)


def _given(parameters: Any) -> Any:
    return parameters if parameters is None or isinstance(parameters, Mapping) else tuple(parameters)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
