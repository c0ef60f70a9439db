"""Files in storages that fsspec knows: this machine, its memory, another machine."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.integration.loopback import ssh_server
from tests.unit.sdk.fakes import FakeBackend, run_task
from tui_flow import DAG
from tui_flow.operators.file_transfer import FileTransferOperator
from tui_flow.operators.object_storage import ObjectStoragePath
from tui_flow.operators.storage_options import attach, file_system, options_of
from tui_flow.operators.storage_transfers import (
    LocalFilesystemToGCSOperator,
    LocalFilesystemToS3Operator,
    LocalFilesystemToWasbOperator,
    S3ToSFTPOperator,
    SFTPToS3Operator,
)
from tui_flow.sdk import xcom
from tui_flow.sdk.backend import backend_in_use
from tui_flow.sdk.connection import Connection
from tui_flow.sdk.exceptions import AirflowException


@pytest.fixture(params=["file", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStoragePath:
    """An empty folder, on disk and in memory."""
    folder = ObjectStoragePath(f"file://{tmp_path}/root" if request.param == "file" else f"memory://{uuid.uuid4()}")
    folder.mkdir()
    return folder


@pytest.fixture
def bucket() -> str:
    return str(uuid.uuid4())


def test_paths_say_their_parts_before_anything_is_reached() -> None:
    path = ObjectStoragePath("s3://aws@bucket/data/x.tar.gz")
    assert (path.protocol, path.conn_id, path.bucket, path.key) == ("s3", "aws", "bucket", "data/x.tar.gz")
    assert (path.name, path.stem, path.suffix, path.namespace) == ("x.tar.gz", "x.tar", ".gz", "s3://bucket")
    assert str(path.parent / "sub" / "y") == "s3://aws@bucket/data/sub/y"
    assert str(path.with_name("z").with_suffix(".csv")) == "s3://aws@bucket/data/z.csv"
    assert path.relative_to(ObjectStoragePath("s3://aws@bucket")) == "data/x.tar.gz" and path.match("*.gz")
    assert path == ObjectStoragePath("s3://bucket/data/x.tar.gz", conn_id="aws") != ObjectStoragePath(path.path)
    assert str(ObjectStoragePath("/tmp/a")) == "file:///tmp/a"
    assert xcom.decode(xcom.encode([path])) == [path]


def test_files_are_written_read_and_found(root: ObjectStoragePath) -> None:
    (root / "a" / "b").mkdir(parents=True)
    file = root / "a" / "b" / "x.txt"
    assert file.write_text("äb\n") == 3 and file.read_bytes() == "äb\n".encode() and file.size() == 4
    (root / "y.csv").touch()
    assert file.exists() and file.is_file() and (root / "a").is_dir() and not (root / "z").exists()
    assert sorted(path.name for path in root.iterdir()) == ["a", "y.csv"]
    assert list(root.glob("*.csv")) == [root / "y.csv"] and list(root.rglob("*.txt")) == [file]
    assert [(path.name, files) for path, _folders, files in root.walk()][0] == (root.name, ["y.csv"])
    assert file.stat()["type"] == "file" and file.read_block(0, 2) == "ä".encode()
    assert file.rename(root / "moved").read_text() == "äb\n" and not file.exists()
    (root / "moved").unlink()
    with pytest.raises(FileNotFoundError, match="moved does not exist"):
        (root / "moved").unlink()
    (root / "moved").unlink(missing_ok=True)
    with pytest.raises(FileExistsError):
        (root / "y.csv").touch(exist_ok=False)
    root.rmdir()
    assert not root.exists()


def test_files_and_folders_are_copied_between_storages(root: ObjectStoragePath, bucket: str) -> None:
    (root / "a").mkdir()
    (root / "a" / "x").write_text("1")
    other = ObjectStoragePath(f"memory://{bucket}/new")
    (root / "a" / "x").copy(other / "y")
    (root / "a" / "x").copy(f"{other}/")
    assert ((other / "y").read_text(), (other / "x").read_text()) == ("1", "1")
    with pytest.raises(IsADirectoryError, match="recursive=True"):
        root.copy(other)
    root.copy(other / "all", recursive=True)
    assert (other / "all" / "a" / "x").read_text() == "1"
    (root / "a").move(other / "moved", recursive=True)
    assert (other / "moved" / "x").exists() and not (root / "a").exists()


def transfer(**kwargs: Any) -> None:
    with DAG("d"):
        run_task(FileTransferOperator(task_id="t", **kwargs))


def test_the_operator_copies_and_keeps_what_is_there(tmp_path: Path, bucket: str) -> None:
    (tmp_path / "2024-06-15").write_text("1")
    source, target = f"{tmp_path}/{{{{ ds }}}}", f"memory://{bucket}/x"
    transfer(src=source, dst=target)
    with pytest.raises(ValueError, match="x exists already; overwrite=True replaces it"):
        transfer(src=source, dst=target)
    (tmp_path / "2024-06-15").write_text("2")
    transfer(src=source, dst=target, overwrite=True)
    transfer(src=ObjectStoragePath(target), dst=f"{tmp_path}/back/")
    assert (tmp_path / "back" / "x").read_text() == "2"
    with pytest.raises(FileNotFoundError, match="/none does not exist"):
        transfer(src=f"{tmp_path}/none", dst=target)


def in_memory(operator: Any, **kwargs: Any) -> Any:
    """Runs a transfer operator with the memory instead of the storage it is for."""
    with DAG("d"):
        made = type(operator.__name__, (operator,), {"protocol": "memory"})(task_id="t", **kwargs)
    with backend_in_use(FakeBackend()):
        return run_task(made).result


def test_transfers_to_object_storage(tmp_path: Path, bucket: str) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    in_memory(LocalFilesystemToS3Operator, filename=tmp_path / "a", dest_key="k/{{ ds }}", dest_bucket=bucket)
    again = {"filename": tmp_path / "b", "dest_key": f"memory://{bucket}/k/2024-06-15"}
    with pytest.raises(ValueError, match="replace=True"):
        in_memory(LocalFilesystemToS3Operator, **again)
    in_memory(LocalFilesystemToS3Operator, **again, replace=True)
    in_memory(LocalFilesystemToGCSOperator, src=f"{tmp_path}/*", dst="all/", bucket=bucket)
    in_memory(LocalFilesystemToWasbOperator, file_path=f"{tmp_path}/a", container_name=bucket, blob_name="blob")
    root = ObjectStoragePath(f"memory://{bucket}")
    assert {path.relative_to(root): path.read_text() for path in root.rglob("*")} == {
        "k/2024-06-15": "b",
        "all/a": "a",
        "all/b": "b",
        "blob": "a",
    }
    with pytest.raises(ValueError, match="2 files need a dst that ends in '/'"):
        in_memory(LocalFilesystemToGCSOperator, src=f"{tmp_path}/*", dst="all", bucket=bucket)
    with pytest.raises(FileNotFoundError, match="no file matches"):
        in_memory(LocalFilesystemToGCSOperator, src=f"{tmp_path}/x*", dst="all/", bucket=bucket)


def test_files_of_another_machine_go_to_object_storage_and_back(
    tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SFTPToS3Operator, "protocol", "memory")
    (tmp_path / "there").write_text("far")
    with ssh_server() as server:
        named = server.connection | {"extra": None}
        with backend_in_use(FakeBackend(connections={"box": named})), DAG("d"):
            place: dict[str, Any] = {"s3_bucket": bucket, "s3_key": "k", "sftp_conn_id": "box"}
            run_task(SFTPToS3Operator(task_id="a", sftp_path=f"{tmp_path}/there", **place))
            run_task(S3ToSFTPOperator(task_id="b", sftp_path=f"{tmp_path}/back", **place))
    assert (tmp_path / "back").read_text() == "far"


def test_connections_give_each_storage_its_options() -> None:
    aws = Connection(
        "c", "aws", login="id", password="secret-key", extra='{"region_name": "eu", "endpoint_url": "http://m"}'
    )
    assert options_of("s3", aws) == {
        "key": "id",
        "secret": "secret-key",
        "endpoint_url": "http://m",
        "client_kwargs": {"region_name": "eu"},
    }
    assert options_of("gs", Connection("c", "gcp", extra='{"key_path": "/k"}')) == {"token": "/k"}
    assert options_of("abfs", Connection("c", "wasb", login="acc"))["account_name"] == "acc"
    assert options_of("ftp", Connection("c", "ftp", host="h", login="u"))["username"] == "u"
    assert options_of("s3", Connection("c", "aws", extra=json.dumps({"storage_options": {"anon": True}}))) == {
        "anon": True
    }
    assert options_of("any", Connection("c", "x", extra='{"a": 1}')) == {"a": 1}


def test_storages_that_are_not_there_are_named() -> None:
    with pytest.raises(AirflowException, match="nothing:// is none that fsspec knows"):
        ObjectStoragePath("nothing://x/y").exists()
    with pytest.raises(AirflowException, match="s3:// needs a package beside fsspec: Install s3fs"):
        ObjectStoragePath("s3://x/y").exists()
    attach("s3", "mine", fs=file_system("memory"))
    assert not ObjectStoragePath("s3://mine@x/y").exists()
    attach("s3", "mine")
