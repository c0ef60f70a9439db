"""What a host is asked to load and what it answers: plain data, so that the scheduler need not import the SDK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from tui_flow.loader.failure import ImportFailure
from tui_flow.records import PlannedRun
from tui_flow.spec import DagSpec, spec_from_dict, spec_to_dict


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """Which file to load, and of which version."""

    dags_folder: str
    file: str
    """Relative to the DAGs folder."""
    sources: str
    """`Home.sources`."""
    source_version: str | None = None
    """None: what is on the disk now; it is stored."""
    max_tasks: int = 10_000
    max_active_runs: int = 16
    max_active_tasks: int = 16
    """Of DAGs that do not say."""
    last_intervals: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By dag_id the data interval of the latest scheduled run, for timetables that stand in the file; ISO 8601."""
    span: tuple[str, str, str] | None = None
    """Of a backfill: dag_id, and the first and the last logical date, ISO 8601."""
    default_timezone: str = "UTC"
    """Of naive dates and of schedules without a zone, in files of the `tui_flow` dialect; Airflow's files have UTC."""
    airflow_imports: str = "auto"
    """As of [core]."""
    airflow_providers: str = "installed"
    """As of [core]."""
    airflow_dialect: str = "auto"
    """As of [core]."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LoadRequest:
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A DAG file as plain data, for other processes."""

    file: str
    specs: tuple[DagSpec, ...] = ()
    planned: Mapping[str, tuple[PlannedRun, ...]] = field(default_factory=dict)
    """By dag_id the next runs of timetables that stand in the file."""
    in_span: tuple[PlannedRun, ...] = ()
    """The runs of the request's span, where the DAG's timetable stands in the file."""
    source_version: str = ""
    """Empty with a failure."""
    failure: ImportFailure | None = None
    dependencies: tuple[str, ...] = ()
    """Paths relative to the DAGs folder whose change calls for another parse; a folder that was listed ends in `/`."""
    warnings: tuple[str, ...] = ()
    output: str = ""
    """What the file printed, up to 64 KiB, secrets masked."""
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        return {
            **plain,
            "specs": [spec_to_dict(spec) for spec in self.specs],
            "planned": {dag_id: [run.to_list() for run in runs] for dag_id, runs in self.planned.items()},
            "in_span": [run.to_list() for run in self.in_span],
            "failure": None if self.failure is None else self.failure.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Loaded:
        failure = data["failure"]
        return cls(
            **{
                **data,
                "specs": tuple(spec_from_dict(spec) for spec in data["specs"]),
                "planned": {dag_id: tuple(map(PlannedRun.from_list, runs)) for dag_id, runs in data["planned"].items()},
                "in_span": tuple(map(PlannedRun.from_list, data["in_span"])),
                "failure": None if failure is None else ImportFailure.from_dict(failure),
                "dependencies": tuple(data["dependencies"]),
                "warnings": tuple(data["warnings"]),
            }
        )
