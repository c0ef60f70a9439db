"""Imports from the DAGs folder: compiled from the bytes that the recorder keeps, never from a stale `.pyc`."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Sequence
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any

from tui_flow.loader.archives import ENDING, archive_of
from tui_flow.loader.recorder import Recorder
from tui_flow.loader.sources import on_disk


class RecordedLoader(SourceFileLoader):
    """Loads one module from recorded bytes, stored ones where the recorder has a view."""

    def __init__(self, fullname: str, path: str, recorder: Recorder) -> None:
        super().__init__(fullname, path)
        self._recorder = recorder

    def get_data(self, path: str) -> bytes:
        relative = self._recorder.relative(path)
        return super().get_data(path) if relative is None else self._recorder.read(relative)

    def get_resource_reader(self, name: str | None = None) -> Any:
        """For `importlib.resources`: files beside a module, also in a zip file."""
        archive = archive_of(self.path)
        if archive is None:
            return super().get_resource_reader(name)
        from importlib.readers import ZipReader  # with zipfile 7 ms, for DAG files in zip files

        folder = os.path.dirname(os.path.dirname(self.path[len(archive) + 1 :]))
        prefix = f"{folder}/" if folder else ""
        place = SimpleNamespace(archive=archive, prefix=prefix, is_package=self.is_package)  # which Python 3.13 asks
        return ZipReader(place, name or self.name)  # type: ignore[arg-type]

    def path_stats(self, path: str) -> dict[str, object]:
        raise OSError("bytecode is never cached")

    def source_to_code(self, data: bytes, path: str, **options: int) -> CodeType:  # type: ignore[override]
        """Compile, and let tracebacks show these lines even when the file on disk has moved on."""
        if b"\0" in data:  # a ValueError without a place before Python 3.11.4
            raise SyntaxError(
                "source code cannot contain null bytes", (path, data.count(b"\n", 0, data.index(b"\0")) + 1, 0, "")
            )
        code: CodeType = super().source_to_code(data, path, **options)
        text = data.decode("utf-8", "replace")
        linecache.cache[path] = (len(data), None, text.splitlines(keepends=True), path)
        return code


class DagsFolderFinder:
    """Finds modules in one folder on `sys.path` (or on a package's path) below the DAGs folder."""

    def __init__(self, folder: str, recorder: Recorder) -> None:
        self._folder, self._recorder = folder, recorder

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> ModuleSpec | None:
        base = os.path.join(self._folder, fullname.rpartition(".")[2])
        for path, search in ((f"{base}/__init__.py", [base]), (f"{base}.py", None)):
            if self._prefers(base) == path:
                loader = RecordedLoader(fullname, path, self._recorder)
                return spec_from_file_location(fullname, path, loader=loader, submodule_search_locations=search)
        return self._find_other(fullname, base)

    def _prefers(self, base: str) -> str | None:
        """The package or module to load: a stored one before any on disk, a package before a module."""
        candidates = [(path, self._relative(path)) for path in (f"{base}/__init__.py", f"{base}.py")]
        for path, relative in candidates:
            if self._recorder.is_stored(relative):
                return path
        return next((path for path, relative in candidates if self._recorder.exists(relative)), None)

    def _find_other(self, fullname: str, base: str) -> ModuleSpec | None:
        for path in (base + suffix for suffix in EXTENSION_SUFFIXES):
            if os.path.isfile(path):
                return spec_from_file_location(fullname, path, loader=ExtensionFileLoader(fullname, path))
        relative = self._relative(base)
        if archive_of(base) is None:  # a zip file changes as a whole
            self._recorder.dependencies.update((f"{relative}.py", f"{relative}/"))
        if not self._recorder.is_folder(relative):
            return None
        namespace = ModuleSpec(fullname, None, is_package=True)
        namespace.submodule_search_locations = [base]
        return namespace

    def _relative(self, path: str) -> str:
        relative = self._recorder.relative(path)
        assert relative is not None
        return relative

    def invalidate_caches(self) -> None:
        """Nothing is cached."""


def put_on_path(recorder: Recorder, folders: Sequence[str]) -> None:
    """Append folders, given relative to the DAGs folder, to `sys.path`, and load all that is below it through the
    recorder from now on. A zip file goes to the front, as in Airflow: what it brings along comes first."""

    def finder_for(folder: str) -> DagsFolderFinder:
        if recorder.relative(os.path.join(folder, "x")) is None:
            raise ImportError("not below the DAGs folder")
        return DagsFolderFinder(folder, recorder)

    sys.path_hooks.insert(0, finder_for)
    for folder in [path for path in sys.path_importer_cache if recorder.relative(os.path.join(path, "x")) is not None]:
        del sys.path_importer_cache[folder]
    if any(folder.endswith(ENDING) for folder in folders):
        import zipfile  # noqa: F401 - before one is asked for it

    for folder in folders:
        path = on_disk(recorder.dags_folder, folder)
        if path not in sys.path:
            sys.path.insert(0 if folder.endswith(ENDING) else len(sys.path), path)


def import_dag_file(recorder: Recorder, name: str, path: str) -> ModuleType:
    """Execute a DAG file as the module `name`; whatever it raises goes to the caller."""
    spec = spec_from_file_location(name, path, loader=RecordedLoader(name, path, recorder))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
