"""Which DAGs become due because assets were updated, and what such a run is. Conditions: `timetables.assets`.

An update queues the asset for every DAG that waits for it, one entry however often it is updated. A DAG whose condition
the queued assets meet gets one run, which takes the whole queue.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from tui_flow.asset_records import AssetReference, QueuedAsset
from tui_flow.errors import BadDag
from tui_flow.planner.decisions import CreateRun
from tui_flow.planner.runs import make_run_id
from tui_flow.records import Dag, DagRun
from tui_flow.spec import DagSpec
from tui_flow.state import RunType
from tui_flow.timetables import DataInterval
from tui_flow.timetables.assets import Condition, condition_of, label, leaves


def is_met(condition: Condition, updated: Collection[QueuedAsset]) -> bool:
    """Whether the updated assets are enough for a run."""
    match condition["kind"]:
        case "all":
            return all(is_met(part, updated) for part in condition["of"])
        case "any":
            return any(is_met(part, updated) for part in condition["of"])
        case _:
            return any(_is_meant(condition, asset) for asset in updated)


def waits_for(condition: Condition, updated: Collection[QueuedAsset]) -> tuple[str, ...]:
    """What of the condition was not updated yet, by name, each once."""
    missing = (label(leaf) for leaf in leaves(condition) if not is_met(leaf, updated))
    return tuple(dict.fromkeys(missing))


def plan_asset_run(
    dag: Dag,
    spec: DagSpec,
    updated: Sequence[QueuedAsset],
    active_runs: int,
    now: datetime,
    *,
    previous: DagRun | None = None,
    sources: Iterable[DagRun] = (),
) -> list[CreateRun]:
    """The run that the updated assets make, or nothing.

    At max_active_runs nothing is created and the queue stays: look again when a run has ended. `previous` is the newest
    run that assets made, `sources` are the runs whose tasks made the updates. The run has a logical date (now),
    although Airflow 3 gives it none: `ds`, `ts` and the like then work in every task.
    """
    if not _is_due(dag, spec, updated, now) or active_runs >= spec.max_active_runs:
        return []
    interval = _interval(spec, updated, now, previous, sources)
    prefix = "dataset_triggered" if spec.dialect == "airflow2" else RunType.ASSET_TRIGGERED
    return [
        CreateRun(
            dag.dag_id,
            make_run_id(prefix, now),
            RunType.ASSET_TRIGGERED,
            now,
            interval.start,
            interval.end,
            now,
            dag.spec_version,
            dag.source_version,
            consumes_assets=True,
        )
    ]


def _is_due(dag: Dag, spec: DagSpec, updated: Sequence[QueuedAsset], now: datetime) -> bool:
    condition = condition_of(spec.timetable)
    if condition is None or not updated or dag.is_paused or dag.is_missing or not is_met(condition, updated):
        return False
    is_early = spec.start_date is not None and now < spec.start_date
    is_late = spec.end_date is not None and now > spec.end_date
    return spec.may_have(RunType.ASSET_TRIGGERED) and not is_early and not is_late


def references_of(spec: DagSpec) -> Iterator[tuple[AssetReference, Condition]]:
    """Every place where a DAG names an asset or an alias, with what it says there."""
    condition = condition_of(spec.timetable)
    if condition is not None:
        for leaf in leaves(condition):
            yield _reference(spec.dag_id, "schedule", "", leaf), leaf
    for task in spec.tasks:
        for role, named in (("outlet", task.outlets), ("inlet", task.inlets)):
            for leaf in named:
                if leaf.get("kind") in ("asset", "alias", "ref"):
                    yield _reference(spec.dag_id, role, task.task_id, leaf), leaf


def check_names(mine: Iterable[AssetReference], others: Iterable[AssetReference] = ()) -> None:
    """Raises BadDag where two assets have one name and different URIs."""
    known: dict[str, AssetReference] = {}
    for reference in (*others, *mine):
        if reference.kind != "asset":
            continue
        first = known.setdefault(reference.name, reference)
        if first.uri != reference.uri:
            raise BadDag(
                f"asset {reference.name!r} has the URI {reference.uri!r} in DAG {reference.dag_id!r} and {first.uri!r} "
                f"in DAG {first.dag_id!r}; give one of the two another name"
            )


def _reference(dag_id: str, role: str, task_id: str, leaf: Condition) -> AssetReference:
    return AssetReference(dag_id, role, task_id, leaf["kind"], leaf.get("name", ""), leaf.get("uri", ""))


def _is_meant(leaf: Condition, asset: QueuedAsset) -> bool:
    match leaf["kind"]:
        case "asset":
            return (leaf["name"], leaf["uri"]) == (asset.name, asset.uri)
        case "alias":
            return leaf["name"] in asset.aliases
        case _:
            return (asset.name, leaf.get("uri")) == (leaf.get("name"), None) or asset.uri == leaf.get("uri")


def _interval(
    spec: DagSpec, updated: Sequence[QueuedAsset], now: datetime, previous: DagRun | None, sources: Iterable[DagRun]
) -> DataInterval:
    """Airflow 2: from the earliest to the latest data of the runs that made the updates; Airflow 3: an instant; here:
    the time since the last such run, or since the first update."""
    match spec.dialect:
        case "airflow2":
            found = [run for run in sources if run.data_interval_start and run.data_interval_end]
            starts = [run.data_interval_start for run in found if run.data_interval_start]
            ends = [run.data_interval_end for run in found if run.data_interval_end]
            return DataInterval(min(starts), max(ends)) if found else DataInterval.exact(now)
        case "airflow3":
            return DataInterval.exact(now)
        case _:
            first = min(asset.queued_at for asset in updated)
            start = previous.data_interval_end if previous and previous.data_interval_end else first
            return DataInterval(min(start, now), now)
