"""`airflow.utils.compression`, and what `airflow.utils.file` has for zip files of DAGs."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from tui_flow.errors import BadInput


def uncompress_file(input_file_name: str, file_extension: str, dest_dir: str) -> str:
    """Unpack a `.gz` or `.bz2` file into a file in `dest_dir`; its path."""
    import bz2
    import gzip

    if file_extension.lower() not in (".gz", ".bz2"):
        raise BadInput(f"{file_extension!r} cannot be uncompressed; it must be .gz or .bz2")
    unpack = gzip.decompress if file_extension.lower() == ".gz" else bz2.decompress
    with NamedTemporaryFile(dir=dest_dir, delete=False) as unpacked:
        unpacked.write(unpack(Path(input_file_name).read_bytes()))
    return unpacked.name


_IN_ARCHIVE = re.compile(r"(.*\.zip)/(.+)")


def correct_maybe_zipped(fileloc: str | None) -> str | None:
    """The zip file of a path that leads into one; any other path as it is."""
    found = _IN_ARCHIVE.fullmatch(fileloc or "")
    return found[1] if found and os.path.isfile(found[1]) else fileloc


def open_maybe_zipped(fileloc: str, mode: str = "r") -> IO[Any]:
    """As `open`, also for reading a file in a zip file."""
    archive = correct_maybe_zipped(fileloc)
    if archive in (None, fileloc):
        return open(fileloc, mode)
    from zipfile import ZipFile

    with ZipFile(str(archive)) as opened:
        data = opened.read(fileloc.removeprefix(f"{archive}/"))
    return io.BytesIO(data) if "b" in mode else io.StringIO(data.decode())
