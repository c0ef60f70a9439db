"""Graphs for tests: drawn by name, or at random from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable

from tui_flow.graph.model import Edge, Graph, Node


def graph(edges: Iterable[Edge], nodes: Iterable[str] = ()) -> Graph:
    """Nodes in the order in which they are named first; `group.task` is in the group `group`."""
    listed = list(edges)
    names = dict.fromkeys([*nodes, *(name for edge in listed for name in edge)])
    made = {name: Node(name, name, (name,), name.rpartition(".")[0] or None) for name in names}
    return Graph(made, tuple(dict.fromkeys(listed)))


def fan(width: int) -> Graph:
    middle = [f"parse_{index:02}" for index in range(width)]
    return graph([("list_files", name) for name in middle] + [(name, "merge") for name in middle])


def random_graph(seed: int, most: int = 80) -> Graph:
    """Up to `most` nodes in layers, some edges over several of them, some nodes in groups."""
    chance = random.Random(seed)
    names = [f"{chance.choice(['', '', 'g.', 'h.'])}t{index:02}" for index in range(chance.randint(2, most))]
    layer = {name: int(chance.random() * (len(names) ** 0.5 + 1)) for name in names}
    edges = [
        (start, end)
        for start in names
        for end in names
        if layer[start] < layer[end]
        and chance.random() < 1.6 / len(names) * (layer[end] - layer[start] == 1) * 5 + 0.01
    ]
    return graph(edges, names)


def etl() -> Graph:
    """An extract, load, clean pipeline of four sources with a model of two tables on top."""
    edges: list[Edge] = [("start", "check_disk"), ("start", "load_config")]
    for number, source in enumerate(("orders", "items", "refunds", "users")):
        extract, land, clean = f"extract.{source}", f"land.{source}", f"clean.{source}"
        edges += [("load_config", extract), *([("check_disk", extract)] if number % 2 else [])]
        edges += [(extract, land), (land, clean), (clean, f"facts.{'sales' if number < 3 else 'visits'}")]
    edges += [("extract.refunds", "notify_fail"), ("facts.sales", "publish"), ("facts.visits", "publish")]
    return graph(edges)


def stages(seed: int) -> Graph:
    """Stages one after the other: every task of a stage waits for all of the stage before."""
    chance = random.Random(seed)
    sizes = [chance.randint(1, 5) for _ in range(chance.randint(2, 6))]
    names = [[f"s{stage}t{index}" for index in range(size)] for stage, size in enumerate(sizes)]
    return graph([(a, b) for one, other in zip(names, names[1:], strict=False) for a in one for b in other])


def tangle(seed: int, most: int) -> Graph:
    """Stages where a task waits for some of the stage before, and for few of those before that."""
    chance = random.Random(seed)
    names = [[f"s{stage}t{index}" for index in range(chance.randint(1, most))] for stage in range(chance.randint(2, 4))]
    wanted = chance.uniform(0.2, 0.9)
    edges = [
        (start, end)
        for above, stage in enumerate(names)
        for below in range(above + 1, len(names))
        for start in stage
        for end in names[below]
        if chance.random() < wanted / (1 + 3 * (below - above - 1))
    ]
    return graph(edges, [name for stage in names for name in stage])
