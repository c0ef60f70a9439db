"""Airflow's transfer operators between this machine, SFTP and one kind of object storage each, all through fsspec."""

from __future__ import annotations

import glob
import os
from collections.abc import Collection
from typing import Any, ClassVar

from tui_flow.operators.object_storage import ObjectStoragePath
from tui_flow.sdk.connection import Connection
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowNotFoundException
from tui_flow.sdk.operator import BaseOperator


class LocalFilesystemToS3Operator(BaseOperator):
    """Copies a file to S3. `dest_key` is a key in `dest_bucket`, or a whole `s3://` URL."""

    protocol: ClassVar[str] = "s3"
    template_fields: Collection[str] = ("filename", "dest_key", "dest_bucket")

    def __init__(
        self,
        *,
        filename: Any,
        dest_key: str,
        dest_bucket: str | None = None,
        aws_conn_id: str | None = "aws_default",
        replace: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filename, self.dest_key, self.dest_bucket = os.fspath(filename), dest_key, dest_bucket
        self.aws_conn_id, self.replace = aws_conn_id, replace

    def execute(self, context: Context) -> None:
        target = remote(self.protocol, self.dest_bucket, self.dest_key, known(self.aws_conn_id, "aws_default"))
        if not self.replace and target.exists():
            raise ValueError(f"task {self.task_id!r}: {target} exists already; replace=True replaces it")
        ObjectStoragePath(self.filename).copy(target)


class LocalFilesystemToGCSOperator(BaseOperator):
    """Copies files to Google Cloud Storage. `src` is a file, several or a glob pattern; several go below `dst`."""

    protocol: ClassVar[str] = "gs"
    template_fields: Collection[str] = ("src", "dst", "bucket")

    def __init__(
        self,
        *,
        src: str | list[str],
        dst: str,
        bucket: str,
        gcp_conn_id: str | None = "google_cloud_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.src, self.dst, self.bucket, self.gcp_conn_id = src, dst, bucket, gcp_conn_id

    def execute(self, context: Context) -> list[str]:
        given = [self.src] if isinstance(self.src, str) else self.src
        files = [path for pattern in given for path in sorted(glob.glob(pattern))]
        if not files:
            raise FileNotFoundError(f"task {self.task_id!r}: no file matches {', '.join(given)}")
        if len(files) > 1 and not self.dst.endswith("/"):
            raise ValueError(f"task {self.task_id!r}: {len(files)} files need a dst that ends in '/', not {self.dst!r}")
        conn_id = known(self.gcp_conn_id, "google_cloud_default")
        keys = [f"{self.dst}{os.path.basename(path)}" if self.dst.endswith("/") else self.dst for path in files]
        for path, key in zip(files, keys, strict=True):
            ObjectStoragePath(path).copy(remote(self.protocol, self.bucket, key, conn_id))
        return [f"{self.protocol}://{self.bucket}/{key}" for key in keys]


class LocalFilesystemToWasbOperator(BaseOperator):
    """Copies a file to a blob of Azure."""

    protocol: ClassVar[str] = "abfs"
    template_fields: Collection[str] = ("file_path", "container_name", "blob_name")

    def __init__(
        self,
        *,
        file_path: str,
        container_name: str,
        blob_name: str,
        wasb_conn_id: str = "wasb_default",
        create_container: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.file_path, self.container_name, self.blob_name = file_path, container_name, blob_name
        self.wasb_conn_id, self.create_container = wasb_conn_id, create_container

    def execute(self, context: Context) -> None:
        conn_id = known(self.wasb_conn_id, "wasb_default")
        if self.create_container:
            remote(self.protocol, self.container_name, "", conn_id).mkdir(exist_ok=True)
        target = remote(self.protocol, self.container_name, self.blob_name, conn_id)
        ObjectStoragePath(self.file_path).copy(target)


class SFTPToS3Operator(BaseOperator):
    """Copies a file of another machine to S3."""

    protocol: ClassVar[str] = "s3"
    template_fields: Collection[str] = ("s3_key", "sftp_path", "s3_bucket")

    def __init__(
        self,
        *,
        s3_bucket: str,
        s3_key: str,
        sftp_path: str,
        sftp_conn_id: str = "ssh_default",
        s3_conn_id: str = "aws_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.s3_bucket, self.s3_key, self.s3_conn_id = s3_bucket, s3_key, s3_conn_id
        self.sftp_path, self.sftp_conn_id = sftp_path, sftp_conn_id

    def places(self) -> tuple[ObjectStoragePath, ObjectStoragePath]:
        """The file over there and the one in S3."""
        return (
            ObjectStoragePath(self.sftp_path, protocol="sftp", conn_id=self.sftp_conn_id),
            remote(self.protocol, self.s3_bucket, self.s3_key, known(self.s3_conn_id, "aws_default")),
        )

    def execute(self, context: Context) -> None:
        source, target = self.places()
        source.copy(target)


class S3ToSFTPOperator(SFTPToS3Operator):
    """Copies a file of S3 to another machine."""

    def execute(self, context: Context) -> None:
        target, source = self.places()
        source.copy(target)


def remote(protocol: str, bucket: str | None, key: str, conn_id: str | None) -> ObjectStoragePath:
    """A key in a bucket; a whole URL names its bucket itself."""
    place = key if "://" in key else f"{protocol}://{bucket}/{key}"
    return ObjectStoragePath(place, conn_id=conn_id)


def known(conn_id: str | None, default: str) -> str | None:
    """The connection; the default one need not exist: the machine itself may have credentials."""
    if conn_id != default:
        return conn_id
    try:
        Connection.get(conn_id)
    except AirflowNotFoundException:
        return None
    return conn_id
