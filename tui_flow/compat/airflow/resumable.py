"""`ResumableJobMixin`: a task that starts a job elsewhere finds it again when it is tried again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from tui_flow.sdk.context import Context


class ResumableJobMixin(ABC):
    """`execute_resumable(context)` keeps the job's id in the task's state store, which outlives a try."""

    external_id_key: str = "remote_job_id"
    log: Any

    def __init__(self, *, durable: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.durable = durable

    @abstractmethod
    def submit_job(self, context: Context) -> Any:
        """Start the job; its id, as JSON."""

    @abstractmethod
    def get_job_status(self, external_id: Any, context: Context) -> str: ...

    @abstractmethod
    def is_job_active(self, status: str) -> bool: ...

    @abstractmethod
    def is_job_succeeded(self, status: str) -> bool: ...

    @abstractmethod
    def poll_until_complete(self, external_id: Any, context: Context) -> Any: ...

    @abstractmethod
    def get_job_result(self, external_id: Any, context: Context) -> Any: ...

    def execute_resumable(self, context: Context) -> Any:
        """A job that still runs is waited for, one that succeeded gives its result, else a new one is started."""
        store = context["task_state_store"] if self.durable else None
        external_id = store.get(self.external_id_key) if store is not None else None
        if external_id:
            status = self.get_job_status(external_id, context)
            if self.is_job_succeeded(status):
                self.log.info("job %s has succeeded already", external_id)
                return self.get_job_result(external_id, context)
            if self.is_job_active(status):
                self.log.info("job %s still runs (%s); waiting for it", external_id, status)
                return self.poll_until_complete(external_id, context)
            self.log.warning("job %s ended as %s; starting another", external_id, status)
        external_id = self.submit_job(context)
        if store is not None and external_id:
            store.set(self.external_id_key, external_id)
        self.poll_until_complete(external_id, context)
        return self.get_job_result(external_id, context)
