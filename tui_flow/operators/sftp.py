"""`SFTPOperator`: gets, puts or deletes files of another machine."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any

from tui_flow.operators.sftp_hook import SFTPHook
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.operator import BaseOperator


class SFTPOperation:
    """What `SFTPOperator` can do."""

    PUT = "put"
    GET = "get"
    DELETE = "delete"


class SFTPOperator(BaseOperator):
    """`local_filepath` and `remote_filepath` are a path or as many paths; a folder goes with all that is below it."""

    template_fields: Collection[str] = ("local_filepath", "remote_filepath", "remote_host")

    def __init__(
        self,
        *,
        sftp_hook: SFTPHook | None = None,
        ssh_conn_id: str | None = None,
        remote_host: str | None = None,
        local_filepath: str | list[str] | None = None,
        remote_filepath: str | list[str],
        operation: str = SFTPOperation.PUT,
        confirm: bool = True,
        create_intermediate_dirs: bool = False,
        concurrency: int = 1,
        prefetch: bool = True,
        deferrable: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sftp_hook, self.ssh_conn_id, self.remote_host = sftp_hook, ssh_conn_id, remote_host
        self.local_filepath, self.remote_filepath, self.operation = local_filepath, remote_filepath, operation
        self.confirm, self.create_intermediate_dirs, self.prefetch = confirm, create_intermediate_dirs, prefetch
        self.concurrency, self.deferrable = concurrency, deferrable
        if operation.lower() not in ("put", "get", "delete"):
            raise TypeError(f"task {self.task_id!r}: operation must be put, get or delete, not {operation!r}")

    def execute(self, context: Context) -> Any:
        hook = self._hook()
        remote, local = _paths(self.remote_filepath), _paths(self.local_filepath)
        operation = self.operation.lower()
        if operation == SFTPOperation.DELETE and local:
            raise ValueError(f"task {self.task_id!r}: delete takes no local_filepath")
        if operation != SFTPOperation.DELETE and len(local) != len(remote):
            raise ValueError(
                f"task {self.task_id!r}: {len(local)} local paths do not go with {len(remote)} remote ones"
            )
        with hook.get_managed_conn():
            for number, path in enumerate(remote):
                try:
                    self._do(hook, operation, path, local[number] if local else "")
                except OSError as err:
                    where = hook.remote_host or hook.connection.host
                    raise AirflowException(f"{operation} of {path!r} on {where} failed: {err}") from err
        return self.local_filepath

    def _hook(self) -> SFTPHook:
        hook = self.sftp_hook
        if hook is None:
            if not self.ssh_conn_id and not self.remote_host:
                raise AirflowException(f"task {self.task_id!r} needs ssh_conn_id, sftp_hook or remote_host")
            hook = SFTPHook(self.ssh_conn_id)
        hook.remote_host = self.remote_host or hook.remote_host
        return hook

    def _do(self, hook: SFTPHook, operation: str, remote: str, local: str) -> None:
        self.log.info("%s %s %s", operation, remote, local)
        if operation == SFTPOperation.DELETE:
            hook.delete_directory(remote, include_files=True) if hook.isdir(remote) else hook.delete_file(remote)
        elif operation == SFTPOperation.GET:
            if self.create_intermediate_dirs:
                os.makedirs(os.path.dirname(local) or ".", exist_ok=True)
            get = hook.retrieve_directory if hook.isdir(remote) else hook.retrieve_file
            get(remote, local, prefetch=self.prefetch)
        else:
            if self.create_intermediate_dirs and os.path.dirname(remote):
                hook.create_directory(os.path.dirname(remote))
            put = hook.store_directory if os.path.isdir(local) else hook.store_file
            put(remote, local, confirm=self.confirm)


def _paths(given: str | list[str] | None) -> list[str]:
    if given is None:
        return []
    return [given] if isinstance(given, str) else list(given)
