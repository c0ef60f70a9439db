"""What stands above and below the list of DAGs: how many there are, and which of those that are not seen need a
person. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tui_flow.tui.text import plain
from tui_flow.tui.views.dags import Attention, DagsModel, Key, attention

_WORDS = {Attention.FAILED: "failed", Attention.BROKEN: "broken", Attention.ASKING: "waiting for you"}

Urgent = Sequence[tuple[int, str, Attention]]
"""Rows that need a person: index, name, what is the matter."""


def urgent(model: DagsModel, keys: Sequence[Key]) -> Urgent:
    """Those of the rows `keys`."""
    levels = ((at, key, _attention(model, key)) for at, key in enumerate(keys))
    return [(at, key if isinstance(key, str) else key.file, level) for at, key, level in levels if level in _WORDS]


def _attention(model: DagsModel, key: Key) -> Attention:
    if not isinstance(key, str):
        return Attention.BROKEN
    newest = model.newest.get(key)
    return attention(model.dags[key], newest, model.counts.get(newest.id) if newest else None)


def unseen(found: Urgent, seen: range, count: int) -> str:
    """`3 above · 12 below, 1 failed: etl`; "" where all `count` rows are seen."""
    above = [(name, level) for at, name, level in found if at < seen.start]
    below = [(name, level) for at, name, level in found if at >= seen.stop]
    parts = [(seen.start, "above", above), (max(count - seen.stop, 0), "below", below)]
    return " · ".join(_part(number, where, needing) for number, where, needing in parts if number)


def _part(number: int, where: str, needing: Sequence[tuple[str, Attention]]) -> str:
    told = [f"{number} {where}"]
    for level, word in _WORDS.items():
        names = [name for name, own in needing if own is level]
        if names:
            told.append(f"{len(names)} {word}: {plain(names[0])}{' …' if len(names) > 1 else ''}")
    return ", ".join(told)


def list_facts(model: DagsModel | None, words: str, import_errors: int, system_key: str) -> list[str]:
    """What the list as a whole is, in few words."""
    facts = []
    if import_errors:
        facts.append(f"{import_errors} import error{'s' * (import_errors > 1)}: {system_key}")
    if words:
        facts.append(f"filter: {words}")
    if model is not None:
        facts += [f"pool {plain(name)} does not exist: {system_key}" for name in sorted(model.missing_pools)[:1]]
    if model is not None:
        known, paused = len(model.dags), sum(dag.is_paused for dag in model.dags.values())
        facts += [f"{known} DAG{'s' * (known != 1)}", f"{known - paused} on", f"{paused} paused"]
    return facts
