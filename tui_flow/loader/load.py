"""One DAG file -> DagSpecs or an import error. Runs user code: only ever inside a host, a process that may be killed.

Theory of operation. `load_file` imports the file under a name of its own, with the DAGs folder on `sys.path`, while a
`Recorder` keeps the bytes of all that is read below that folder. Asked for what is on the disk, it stores those bytes
and answers with their source version. Asked for a stored version, it executes exactly that: modules from the store, the
rest from the disk while the disk still holds it, else from the store too. The recorder stays in force afterwards, for
imports inside tasks and for templates.
"""

from __future__ import annotations

import faulthandler
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from tui_flow.compat.airflow import finder
from tui_flow.compat.airflow.plugin_names import look_for_plugins, plugin_macros
from tui_flow.errors import BadDag
from tui_flow.loader import archives
from tui_flow.loader.boot import after_boot, booted_at
from tui_flow.loader.dialect import dialect_of
from tui_flow.loader.failure import ImportFailure, describe_exception
from tui_flow.loader.lazy_imports import record_lazy_imports
from tui_flow.loader.loaded import Loaded, LoadRequest
from tui_flow.loader.modules import import_dag_file, put_on_path
from tui_flow.loader.parse_log import ParseLog
from tui_flow.loader.plugin_modules import plugin_modules
from tui_flow.loader.plugins import why_untrusted
from tui_flow.loader.process import (
    lift_parse_limits,
    open_sockets,
    process_state_kept,
    set_parse_limits,
    why_fork_unsafe,
)
from tui_flow.loader.recorder import Recorder, watch_reads
from tui_flow.loader.replay import replay_reads
from tui_flow.loader.sources import SourceView, on_disk, store_sources
from tui_flow.loader.templates import record_templates
from tui_flow.masking import MASKER
from tui_flow.planner.assets import check_names, references_of
from tui_flow.records import PlannedRun
from tui_flow.sdk.current import DagContext
from tui_flow.sdk.dag import DAG
from tui_flow.sdk.more_macros import look_further
from tui_flow.sdk.template_scan import beyond_own_macros
from tui_flow.sdk.timetable import authors_timetable, planned_runs, runs_between
from tui_flow.sdk.timezone import use_default_timezone
from tui_flow.sdk.to_spec import dag_to_spec
from tui_flow.settings import CoreSettings
from tui_flow.spec import DagSpec, Dialect, spec_to_dict

__all__ = [
    "Imported",
    "LoadRequest",
    "Loaded",
    "import_dags",
    "is_fork_safe",
    "lift_parse_limits",
    "load_file",
    "set_parse_limits",
]

MAX_SPEC_BYTES = 8 * 1024**2
SLOW_IMPORT_S = 2.0
_NOT_IN_NAMES = re.compile(r"\W", re.ASCII)


@dataclass(frozen=True, slots=True)
class Imported:
    """A DAG file as live objects, which stay in this process."""

    file: str
    dags: tuple[DAG, ...] = ()
    source_version: str = ""
    """Empty with a failure."""
    dialect: Dialect = "tui_flow"
    dialect_reason: str = ""
    failure: ImportFailure | None = None
    dependencies: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    output: str = ""
    """What the file printed, up to 64 KiB, secrets masked."""
    seconds: float = 0.0


def load_file(request: LoadRequest, parse_log: ParseLog | None = None) -> Loaded:
    """Import one DAG file and say what it says; what goes wrong comes back as `failure`. Once per process."""
    imported = import_dags(request, parse_log)
    loaded = Loaded(
        file=request.file,
        failure=imported.failure,
        dependencies=imported.dependencies,
        warnings=imported.warnings,
        output=imported.output,
        seconds=imported.seconds,
    )
    if imported.failure is not None:
        return loaded
    try:
        specs = tuple(_spec_of(dag, imported, request) for dag in imported.dags)
        check_names(reference for spec in specs for reference, _ in references_of(spec))
        planned = _planned(imported.dags, specs, request)
        in_span = _in_span(imported.dags, request)
    except Exception as err:  # user code may still run here: timetables, properties
        relative = Recorder(Path(request.dags_folder)).relative
        return replace(loaded, failure=_masked(describe_exception(err, request.file, relative)))
    return replace(loaded, specs=specs, planned=planned, in_span=in_span, source_version=imported.source_version)


def _planned(dags: Iterable[DAG], specs: Iterable[DagSpec], request: LoadRequest) -> dict[str, tuple[PlannedRun, ...]]:
    """The next runs of the DAGs whose timetable stands in the file."""
    found = {}
    for dag, spec in zip(dags, specs, strict=True):
        last = request.last_intervals.get(spec.dag_id)
        interval = (datetime.fromisoformat(last[0]), datetime.fromisoformat(last[1])) if last else None
        if (timetable := authors_timetable(dag.schedule)) is not None:
            found[spec.dag_id] = planned_runs(timetable, spec, interval, datetime.now(UTC))
        elif dag.schedule == "@after_boot":
            found[spec.dag_id] = after_boot(booted_at(), interval)
    return found


def _in_span(dags: Iterable[DAG], request: LoadRequest) -> tuple[PlannedRun, ...]:
    """The runs that a backfill is asked for, of a DAG whose timetable stands in the file; of another one nothing."""
    if request.span is None:
        return ()
    dag_id, earliest, latest = request.span
    timetable = next((authors_timetable(dag.schedule) for dag in dags if dag.dag_id == dag_id), None)
    if timetable is None:
        return ()
    return runs_between(timetable, datetime.fromisoformat(earliest), datetime.fromisoformat(latest))


def import_dags(request: LoadRequest, parse_log: ParseLog | None = None) -> Imported:
    """Import one DAG file, once per process; what it raises comes back as `failure`.

    Pass a `parse_log` made before the fork to learn the last words of a process that a crash or a time-out ends;
    `failure.describe_exit` makes an import error of them.
    """
    global _sockets_before
    log = ParseLog() if parse_log is None else parse_log
    _sockets_before, started = open_sockets(), time.monotonic()
    view = SourceView(Path(request.sources), request.source_version) if request.source_version else None
    recorder = Recorder(Path(request.dags_folder), view)
    with log.capture():
        faulthandler.enable(2)
        try:
            imported = _import(request, recorder)
        except BaseException as err:  # whatever user code may raise
            imported = Imported(request.file, failure=_masked(describe_exception(err, request.file, recorder.relative)))
    seconds, output = time.monotonic() - started, MASKER.redact(log.text())
    if parse_log is None:
        log.close()
    slow = (f"importing it took {seconds:.1f} s; move slow work into a task",) if seconds > SLOW_IMPORT_S else ()
    return replace(
        imported,
        dependencies=tuple(sorted(recorder.dependencies | {request.file})),
        warnings=imported.warnings + slow,
        output=output,
        seconds=seconds,
    )


_sockets_before: frozenset[str] = frozenset()
"""The sockets that this process had before it imported its DAG file."""


def is_fork_safe() -> str | None:
    """None when attempts may be forked from this process, which has imported its DAG file; else why they must not."""
    return why_fork_unsafe(len(open_sockets() - _sockets_before))


def _masked(failure: ImportFailure) -> ImportFailure:
    return replace(
        failure, message=MASKER.redact(failure.message), traceback_text=MASKER.redact(failure.traceback_text)
    )


def _import(request: LoadRequest, recorder: Recorder) -> Imported:
    folders, untrusted = _folders(recorder)
    finder.install(request.airflow_imports, request.airflow_providers)
    look_for_plugins(lambda: plugin_modules(recorder, folders[1:]))
    look_further(plugin_macros)
    archive = _archive_of(request.file, recorder)
    put_on_path(recorder, [*archive, *folders])
    module = _execute(request, recorder)
    dags = _collect(module, request.file)
    record_templates(recorder, dags)
    if any(beyond_own_macros(data.decode("utf-8", "replace")) for data in recorder.contents.values()):
        plugin_modules(recorder, folders[1:])  # for attempts, which render the templates
    dialect, reason = dialect_of(_sources_in_order(request.file, recorder), request.airflow_dialect)
    if recorder.view is None:
        record_lazy_imports(recorder, [*archive, *folders])
        version = store_sources(Path(request.sources), recorder.contents)
    else:
        version = recorder.view.version
    warnings = _warnings(dags, recorder) + untrusted
    if request.airflow_imports == "auto" and "airflow" in sys.modules and (hidden := finder.shadowed()):
        warnings += (hidden,)
    return Imported(request.file, dags, version, dialect, reason, warnings=warnings)


def _folders(recorder: Recorder) -> tuple[list[str], tuple[str, ...]]:
    """What goes on `sys.path`, relative to the DAGs folder, itself first; and in words what is left out."""
    reasons = {folder: why_untrusted(Path(on_disk(recorder.dags_folder, folder))) for folder in recorder.beside}
    found = dict.fromkeys(["plugins", *(folder for folder, why in reasons.items() if not why)])
    warnings = (f"the folder {folder} is left out, because {why}" for folder, why in reasons.items() if why)
    return ["", *(folder for folder in found if recorder.is_folder(folder))], tuple(warnings)


def _archive_of(file: str, recorder: Recorder) -> list[str]:
    """The zip file that a DAG file lies in, there or not; none for a folder of such a name."""
    folder = os.path.dirname(file)
    is_folder = os.path.isdir(on_disk(recorder.dags_folder, folder))
    return [folder] if folder.endswith(archives.ENDING) and not is_folder else []


def _execute(request: LoadRequest, recorder: Recorder) -> ModuleType:
    path = recorder.dags_folder / request.file
    name = f"tuiflow_dag_{hashlib.sha256(bytes(path)).hexdigest()[:12]}_{_NOT_IN_NAMES.sub('_', path.stem)}"
    DagContext.take_registered()
    is_ours = dialect_of([recorder.read(request.file)])[0] == "tui_flow"
    use_default_timezone(request.default_timezone if is_ours else "UTC")
    with ExitStack() as stack:
        stack.enter_context(process_state_kept())
        if recorder.view is None:
            stack.enter_context(watch_reads(recorder))
        elif not recorder.view.is_on_disk(recorder.dags_folder):
            stack.enter_context(replay_reads(recorder, recorder.view))
        return import_dag_file(recorder, name, str(path))


def _collect(module: ModuleType, file: str) -> tuple[DAG, ...]:
    """The DAGs that the file registered by `with` or `@dag`, then those that it only holds as globals."""
    found: list[DAG] = DagContext.take_registered()
    found += [value for value in vars(module).values() if isinstance(value, DAG)]
    dags: dict[str, DAG] = {}
    for dag in found:
        if dags.setdefault(dag.dag_id, dag) is not dag:
            raise BadDag(f"DAG id {dag.dag_id!r} is used twice in {file}; give one of the two another id")
    return tuple(dags.values())


def _sources_in_order(file: str, recorder: Recorder) -> Iterable[bytes]:
    yield recorder.read(file)
    yield from (data for path, data in recorder.contents.items() if path.endswith(".py") and path != file)


def _warnings(dags: tuple[DAG, ...], recorder: Recorder) -> tuple[str, ...]:
    none = "no DAG found: a DAG must be a global of the file, be made by `with DAG(...)` or by calling a @dag function"
    return (() if dags else (none,)) + tuple(
        f"{path} is too large to be kept with the source version" for path in sorted(recorder.too_large)
    )


def _spec_of(dag: DAG, imported: Imported, request: LoadRequest) -> DagSpec:
    core = CoreSettings(max_active_runs=request.max_active_runs, max_active_tasks=request.max_active_tasks)
    spec = dag_to_spec(dag, imported.file, imported.dialect, dialect_reason=imported.dialect_reason, core=core)
    if len(spec.tasks) > request.max_tasks:
        raise BadDag(
            f"DAG {spec.dag_id!r} has {len(spec.tasks)} tasks, over the limit of {request.max_tasks} "
            "([scheduler] max_tasks_per_dag); map one task over the work instead"
        )
    size = len(json.dumps(spec_to_dict(spec)))
    if size > MAX_SPEC_BYTES:
        raise BadDag(
            f"DAG {spec.dag_id!r} makes {size} bytes of JSON, over the limit of {MAX_SPEC_BYTES}; shorten its docs"
        )
    return spec
