"""Versions of a DAG as people name them: by number, or by a run that has them; and their source."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_flow.errors import DagFileError, NotFound
from tui_flow.loader.sources import SourceView
from tui_flow.records import Dag
from tui_flow.settings import Home
from tui_flow.spec import DagSpec

if TYPE_CHECKING:
    from tui_flow.store.reader import Reader


@dataclass(frozen=True, slots=True)
class DagVersion:
    name: str
    number: int
    spec: DagSpec
    source_version: str | None
    """None: no run has this version any more, so its source is not kept."""


def find_version(reader: Reader, dag: Dag, name: str) -> DagVersion:
    """A version by its number, or by the id of a run. Raises NotFound."""
    numbers = {number: version for number, version, _ in reader.spec_versions(dag.dag_id)}
    if name.isdigit() and int(name) in numbers:
        version = numbers[int(name)]
        is_newest = version == dag.spec_version
        source = dag.source_version if is_newest else reader.source_of_spec(dag.dag_id, version)
        return DagVersion(f"version {name}", int(name), reader.spec(dag.dag_id, version), source)
    if run := reader.run(dag.dag_id, name):
        number = next(number for number, version in numbers.items() if version == run.spec_version)
        spec = reader.spec(dag.dag_id, run.spec_version)
        return DagVersion(f"run {name} (version {number})", number, spec, run.source_version)
    raise NotFound(
        f"DAG {dag.dag_id!r} has no version or run {name!r}; its versions are {min(numbers)} to {max(numbers)}"
    )


def last_two(reader: Reader, dag: Dag) -> tuple[DagVersion, DagVersion] | None:
    """The newest version and the one before it; None while there is only one."""
    numbers = [number for number, _, _ in reader.spec_versions(dag.dag_id)]
    others = [number for number in numbers if number != dag.version_number]
    if not others:
        return None
    return find_version(reader, dag, str(max(others))), find_version(reader, dag, str(dag.version_number))


def source_diff(home: Home, old: DagVersion, new: DagVersion) -> Iterator[str]:
    """Unified diffs of all files that differ. Raises NotFound where a source is not kept any more."""
    views = [_view(home, version) for version in (old, new)]
    paths = sorted({path for view in views for path in view.manifest if not path.endswith("/")})
    for path in paths:
        before, after = ([] if path not in view else _lines(view, path) for view in views)
        yield from (
            line.rstrip("\n")
            for line in difflib.unified_diff(before, after, f"{path} ({old.name})", f"{path} ({new.name})")
        )


def source_text(home: Home, dag: Dag) -> str:
    """The DAG's file as it was parsed last, byte for byte but what is no UTF-8. Raises NotFound."""
    name = f"version {dag.version_number}"
    view = _view_of(home, name, dag.source_version)
    return view.read(dag.file).decode("utf-8", "backslashreplace")


def _view(home: Home, version: DagVersion) -> SourceView:
    return _view_of(home, version.name, version.source_version)


def _view_of(home: Home, name: str, source_version: str | None) -> SourceView:
    try:
        view = SourceView(home.sources, source_version or "")
        if source_version is not None and view.manifest:
            return view
    except DagFileError:
        pass
    raise NotFound(f"the source of {name} is not kept: no run has it any more")


def _lines(view: SourceView, path: str) -> list[str]:
    return view.read(path).decode("utf-8", "backslashreplace").splitlines(keepends=True)
