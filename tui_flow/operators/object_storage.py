"""`ObjectStoragePath`: a path in any storage that fsspec knows, with the methods of `pathlib.Path`."""

from __future__ import annotations

import posixpath
import shutil
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import IO, Any, ClassVar, Self

from tui_flow.operators.storage_options import file_system

_COPY_BYTES = 1024 * 1024


class ObjectStoragePath:
    """`ObjectStoragePath("s3://conn_id@bucket/key")`, or with `conn_id=`. Nothing is reached before it is used.

    A path without a protocol is one of this machine. XComs of it can be read by other tasks.
    """

    sep: ClassVar[str] = "/"
    __slots__ = ("_options", "_path", "conn_id", "protocol")
    protocol: str
    conn_id: str | None
    _path: str

    def __init__(
        self, path: Any = "", *, protocol: str | None = None, conn_id: str | None = None, **storage_options: Any
    ) -> None:
        if isinstance(path, ObjectStoragePath):
            protocol, conn_id = protocol or path.protocol, conn_id or path.conn_id
            storage_options, path = {**path._options, **storage_options}, path._path
        text = str(path)
        if "://" in text:
            protocol, _, text = text.partition("://")
            first, slash, rest = text.partition("/")
            named, at, host = first.rpartition("@")
            conn_id, text = conn_id or (named if at else None), f"{host}{slash}{rest}"
        self.protocol, self.conn_id = protocol or "file", conn_id
        self._path = _normal(text, is_rooted=self.protocol in ("file", "local", "memory", "sftp", "ftp"))
        self._options: Mapping[str, Any] = storage_options

    def _at(self, path: str) -> Self:
        return type(self)(path, protocol=self.protocol, conn_id=self.conn_id, **self._options)

    # What the path says

    @property
    def fs(self) -> Any:
        """The fsspec file system."""
        return file_system(self.protocol, self.conn_id, self._options)

    @property
    def path(self) -> str:
        """As fsspec wants it: without protocol and connection."""
        return self._path

    @property
    def bucket(self) -> str:
        return self._path.lstrip("/").partition("/")[0]

    container = bucket

    @property
    def key(self) -> str:
        return self._path.lstrip("/").partition("/")[2]

    @property
    def namespace(self) -> str:
        return f"{self.protocol}://{self.bucket}" if self.bucket else self.protocol

    @property
    def _pure(self) -> PurePosixPath:
        return PurePosixPath(self._path)

    @property
    def name(self) -> str:
        return self._pure.name

    @property
    def stem(self) -> str:
        return self._pure.stem

    @property
    def suffix(self) -> str:
        return self._pure.suffix

    @property
    def parts(self) -> tuple[str, ...]:
        return self._pure.parts

    @property
    def parent(self) -> Self:
        return self._at(posixpath.dirname(self._path) or self._path)

    def joinpath(self, *others: Any) -> Self:
        return self._at(posixpath.join(self._path, *(str(other).lstrip("/") for other in others)))

    def __truediv__(self, other: Any) -> Self:
        return self.joinpath(other)

    def with_name(self, name: str) -> Self:
        return self._at(str(self._pure.with_name(name)))

    def with_suffix(self, suffix: str) -> Self:
        return self._at(str(self._pure.with_suffix(suffix)))

    def relative_to(self, other: ObjectStoragePath) -> str:
        """The part of this path below `other`. Raises ValueError when it is not below it."""
        return str(self._pure.relative_to(other._pure))

    def match(self, pattern: str) -> bool:
        return self._pure.match(pattern)

    def samestore(self, other: Any) -> bool:
        if not isinstance(other, ObjectStoragePath):
            return False
        return (self.protocol, self.conn_id, self._options) == (other.protocol, other.conn_id, other._options)

    def __str__(self) -> str:
        connection = f"{self.conn_id}@" if self.conn_id else ""
        return f"{self.protocol}://{connection}{self._path}"

    as_uri = __str__

    def __repr__(self) -> str:
        return f"ObjectStoragePath({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return self.samestore(other) and str(self) == str(other)

    def __lt__(self, other: ObjectStoragePath) -> bool:
        return str(self) < str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def serialize(self) -> dict[str, Any]:
        """What an XCom keeps."""
        return {"path": str(self), "options": dict(self._options)}

    @classmethod
    def deserialize(cls, data: Mapping[str, Any], version: int = 1) -> Self:
        return cls(data["path"], **data["options"])

    # What is there

    def exists(self) -> bool:
        return bool(self.fs.exists(self._path))

    def is_file(self) -> bool:
        return bool(self.fs.isfile(self._path))

    def is_dir(self) -> bool:
        return bool(self.fs.isdir(self._path))

    def stat(self) -> dict[str, Any]:
        """What the storage says of it, at least `name`, `size` and `type`."""
        return dict(self.fs.info(self._path))

    def size(self) -> int:
        return int(self.fs.size(self._path))

    def checksum(self) -> Any:
        return self.fs.checksum(self._path)

    def ukey(self) -> str:
        """Changes when the file changes."""
        return str(self.fs.ukey(self._path))

    def sign(self, expiration: int = 100, **kwargs: Any) -> str:
        """A URL that gives access for `expiration` seconds, where the storage can do that."""
        return str(self.fs.sign(self._path, expiration=expiration, **kwargs))

    def iterdir(self) -> Iterator[Self]:
        return (self._at(path) for path in self.fs.ls(self._path, detail=False) if path.rstrip("/") != self._path)

    def glob(self, pattern: str) -> Iterator[Self]:
        return (self._at(path) for path in self.fs.glob(posixpath.join(self._path, pattern)))

    def rglob(self, pattern: str) -> Iterator[Self]:
        return (self._at(path) for path in self.fs.find(self._path) if fnmatch(posixpath.basename(path), pattern))

    def walk(self, **kwargs: Any) -> Iterator[tuple[Self, list[str], list[str]]]:
        return ((self._at(path), folders, files) for path, folders, files in self.fs.walk(self._path, **kwargs))

    # Reading and writing

    def open(self, mode: str = "r", **kwargs: Any) -> IO[Any]:
        file: IO[Any] = self.fs.open(self._path, mode=mode, **kwargs)
        return file

    def read_bytes(self) -> bytes:
        with self.open("rb") as file:
            return bytes(file.read())

    def read_text(self, encoding: str = "utf-8", **kwargs: Any) -> str:
        with self.open("r", encoding=encoding, **kwargs) as file:
            return str(file.read())

    def read_block(self, offset: int, length: int, delimiter: bytes | None = None) -> bytes:
        return bytes(self.fs.read_block(self._path, offset, length, delimiter=delimiter))

    def write_bytes(self, data: bytes) -> int:
        with self.open("wb") as file:
            return file.write(data)

    def write_text(self, data: str, encoding: str = "utf-8", **kwargs: Any) -> int:
        with self.open("w", encoding=encoding, **kwargs) as file:
            return file.write(data)

    def touch(self, exist_ok: bool = True) -> None:
        if self.exists():
            if not exist_ok:
                raise FileExistsError(f"{self} exists")
            return
        self.fs.touch(self._path)

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        if self.is_dir() and exist_ok:
            return
        if parents:
            self.fs.makedirs(self._path, exist_ok=exist_ok)
        else:
            self.fs.mkdir(self._path, create_parents=False)

    def unlink(self, missing_ok: bool = False) -> None:
        if not self.exists():
            if missing_ok:
                return
            raise FileNotFoundError(f"{self} does not exist")
        self.fs.rm_file(self._path)

    def rmdir(self, recursive: bool = True) -> None:
        if recursive:
            self.fs.rm(self._path, recursive=True)
        else:
            self.fs.rmdir(self._path)

    def copy(self, dst: Any, recursive: bool = False, **kwargs: Any) -> None:
        """Copy a file, or with `recursive` a folder, also between storages; into `dst` where that is a folder."""
        target = dst if isinstance(dst, ObjectStoragePath) else ObjectStoragePath(dst)
        if not self.is_dir():
            self._copy_file(target / self.name if str(dst).endswith("/") or target.is_dir() else target, **kwargs)
            return
        if not recursive:
            raise IsADirectoryError(f"{self} is a folder; copy it with recursive=True")
        for path in self.fs.find(self._path):
            below = self._at(path)
            below._copy_file(target / below.relative_to(self), **kwargs)

    def _copy_file(self, target: ObjectStoragePath, **kwargs: Any) -> None:
        if not self.exists():
            raise FileNotFoundError(f"{self} does not exist")
        target.fs.makedirs(target.parent._path, exist_ok=True)
        if self.samestore(target):
            self.fs.copy(self._path, target._path, **kwargs)
            return
        with self.open("rb") as source, target.open("wb") as file:
            shutil.copyfileobj(source, file, _COPY_BYTES)

    def move(self, path: Any, recursive: bool = False, **kwargs: Any) -> None:
        """As `copy`; then the source goes."""
        self.copy(path, recursive=recursive, **kwargs)
        self.rmdir() if self.is_dir() else self.unlink()

    def rename(self, target: Any) -> Self:
        """The path under its new name in the same storage."""
        to = target if isinstance(target, ObjectStoragePath) else self._at(str(target))
        self.move(to, recursive=True)
        return self._at(to._path)

    replace = rename


def _normal(path: str, is_rooted: bool) -> str:
    """Without a slash at its end; with one at its start where the storage has a root folder."""
    trimmed = path.rstrip("/") if len(path) > 1 else path
    return f"/{trimmed.lstrip('/')}" if is_rooted else trimmed.lstrip("/")
