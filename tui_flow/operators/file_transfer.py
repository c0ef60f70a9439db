"""`FileTransferOperator`: copies a file or a folder between folders of this machine, SFTP and object storages."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tui_flow.operators.object_storage import ObjectStoragePath
from tui_flow.sdk.context import Context
from tui_flow.sdk.operator import BaseOperator


class FileTransferOperator(BaseOperator):
    """`src` and `dst` are paths or URLs such as `s3://bucket/key`. A target that exists stays, unless `overwrite`."""

    template_fields: Collection[str] = ("src", "dst")

    def __init__(
        self,
        *,
        src: str | ObjectStoragePath,
        dst: str | ObjectStoragePath,
        source_conn_id: str | None = None,
        dest_conn_id: str | None = None,
        overwrite: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.src, self.dst = src, dst
        self.source_conn_id, self.dst_conn_id, self.overwrite = source_conn_id, dest_conn_id, overwrite

    def execute(self, context: Context) -> None:
        source = ObjectStoragePath(self.src, conn_id=self.source_conn_id)
        target = ObjectStoragePath(self.dst, conn_id=self.dst_conn_id)
        if not source.exists():
            raise FileNotFoundError(f"task {self.task_id!r}: {source} does not exist")
        is_folder = str(self.dst).endswith("/") or target.is_dir()
        real = target / source.name if is_folder and not source.is_dir() else target
        if not self.overwrite and not source.is_dir() and real.exists():
            raise ValueError(f"task {self.task_id!r}: {real} exists already; overwrite=True replaces it")
        self.log.info("Copying %s to %s", source, real)
        source.copy(real, recursive=True)
