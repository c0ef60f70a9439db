"""What changed between two versions of a DAG: its own fields, tasks and groups that came or went, and their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tui_flow.spec import DagSpec, Json, spec_to_dict

_LISTED_APART = ("tasks", "groups", "dag_id")
_NAMES = {"tasks": "task_id", "groups": "group_id"}


@dataclass(frozen=True, slots=True)
class Change:
    """One line: of the DAG itself where `name` is empty."""

    kind: str
    """dag, task or group."""
    name: str
    change: str
    """added, removed, or changed."""
    field: str = ""
    old: Json = None
    """None: the field is at its default, or the thing was not there."""
    new: Json = None


def diff_specs(old: DagSpec, new: DagSpec) -> tuple[Change, ...]:
    """The DAG's fields first, then what was removed, added and changed, in the new version's order."""
    before, after = _as_dict(old), _as_dict(new)
    found = list(_fields("dag", "", before, after))
    for part, id_field in _NAMES.items():
        found += _things(part.removesuffix("s"), _by_id(before, part, id_field), _by_id(after, part, id_field))
    return tuple(found)


def _as_dict(spec: DagSpec) -> dict[str, Any]:
    return dict(spec_to_dict(spec))


def _by_id(spec: Mapping[str, Any], part: str, id_field: str) -> dict[str, Mapping[str, Any]]:
    return {thing[id_field]: thing for thing in spec.get(part, ())}


def _things(kind: str, old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> Iterator[Change]:
    for name in old:
        if name not in new:
            yield Change(kind, name, "removed")
    for name, thing in new.items():
        if name not in old:
            yield Change(kind, name, "added")
        else:
            yield from _fields(kind, name, old[name], thing)


def _fields(kind: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for field in sorted({*old, *new} - {*_LISTED_APART, *_NAMES.values()}):
        if old.get(field) != new.get(field):
            yield Change(kind, name, "changed", field, old.get(field), new.get(field))
