"""Names by which authors ask an operator about itself, of Airflow 2 and 3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self

from tui_flow.sdk.node import levels_of

if TYPE_CHECKING:
    from tui_flow.sdk.context import Context


class OperatorNames:
    max_active_tis_per_dag: int | None
    retry_policy: Any
    on_execute_callback: list[Any]
    on_failure_callback: list[Any]
    on_success_callback: list[Any]
    on_retry_callback: list[Any]
    on_skipped_callback: list[Any]

    is_mapped = False

    @property
    def operator_class(self) -> type:
        return type(self)

    @property
    def task_concurrency(self) -> int | None:
        return self.max_active_tis_per_dag

    @property
    def has_on_execute_callback(self) -> bool:
        return bool(self.on_execute_callback)

    @property
    def has_on_failure_callback(self) -> bool:
        return bool(self.on_failure_callback)

    @property
    def has_on_success_callback(self) -> bool:
        return bool(self.on_success_callback)

    @property
    def has_on_retry_callback(self) -> bool:
        return bool(self.on_retry_callback)

    @property
    def has_on_skipped_callback(self) -> bool:
        return bool(self.on_skipped_callback)

    @property
    def has_retry_policy(self) -> bool:
        return self.retry_policy is not None

    def prepare_for_execution(self) -> Self:
        """A copy to execute."""
        copied: Self = self.for_execution()  # type: ignore[attr-defined]
        return copied

    def iter_mapped_task_groups(self) -> Iterator[Any]:
        """The mapped groups that it is in, the innermost first."""
        yield from (level for level in reversed(levels_of(self)) if level is not self)

    def get_closest_mapped_task_group(self) -> Any:
        return next(self.iter_mapped_task_groups(), None)

    @staticmethod
    def xcom_push(context: Context, key: str, value: Any, execution_date: Any = None) -> None:
        """Airflow 2's way to say `context["ti"].xcom_push(key, value)`."""
        context["ti"].xcom_push(key=key, value=value)

    @staticmethod
    def xcom_pull(
        context: Context,
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str = "return_value",
        include_prior_dates: bool | None = None,
        session: Any = None,
    ) -> Any:
        """Airflow 2's way to say `context["ti"].xcom_pull(...)`."""
        return context["ti"].xcom_pull(
            task_ids=task_ids, dag_id=dag_id, key=key, include_prior_dates=bool(include_prior_dates)
        )
