"""`airflow.utils.compression`."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile

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
