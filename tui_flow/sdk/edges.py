"""`a >> b`: setting dependencies between anything that has them (tasks, task groups, results), labels, and `chain`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

Other = TypeVar("Other", bound="Linkable")


class DependencyMixin(ABC):
    """Anything that can stand on a side of `>>`."""

    @property
    @abstractmethod
    def roots(self) -> Iterable[DependencyMixin]:
        """Where arrows that point at this end."""

    @property
    @abstractmethod
    def leaves(self) -> Iterable[DependencyMixin]:
        """Where arrows that leave this begin."""

    @abstractmethod
    def set_upstream(self, other: Linkable, edge_modifier: EdgeModifier | None = None) -> None:
        """Have `other` run before this."""

    @abstractmethod
    def set_downstream(self, other: Linkable, edge_modifier: EdgeModifier | None = None) -> None:
        """Have `other` run after this."""

    def update_relative(  # noqa: B027 - most have nothing to note
        self, other: DependencyMixin, upstream: bool = True, edge_modifier: EdgeModifier | None = None
    ) -> None:
        """Told when `other` was linked to this from its own side."""
        # most have nothing to note

    def as_setup(self) -> DependencyMixin:
        raise TypeError(f"{type(self).__name__} cannot be a setup task")

    def as_teardown(self, *, setups: Any = None, on_failure_fail_dagrun: bool | None = None) -> DependencyMixin:
        raise TypeError(f"{type(self).__name__} cannot be a teardown task")

    def __rshift__(self, other: Other) -> Other:
        self.set_downstream(other)
        return other

    def __lshift__(self, other: Other) -> Other:
        self.set_upstream(other)
        return other

    def __rrshift__(self, other: Sequence[DependencyMixin]) -> DependencyMixin:
        self.__lshift__(other)
        return self

    def __rlshift__(self, other: Sequence[DependencyMixin]) -> DependencyMixin:
        self.__rshift__(other)
        return self


Linkable = DependencyMixin | Sequence[DependencyMixin]
"""One side of an arrow."""


def linked_things(value: object) -> list[DependencyMixin]:
    """One or several sides of an arrow as a flat list. Raises TypeError for what has no dependencies."""
    if isinstance(value, DependencyMixin):
        return [value]
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [thing for part in value for thing in linked_things(part)]
    raise TypeError(f"dependencies can only be set between tasks and task groups, not with {value!r:.80}")


class EdgeModifier(DependencyMixin):
    """What `a >> Label("x") >> b` puts on the edge between `a` and `b`."""

    def __init__(self, label: str | None = None) -> None:
        self.label = label
        self._upstream: list[DependencyMixin] = []
        self._downstream: list[DependencyMixin] = []

    @property
    def roots(self) -> list[DependencyMixin]:
        return self._downstream

    @property
    def leaves(self) -> list[DependencyMixin]:
        return self._upstream

    def set_upstream(self, other: Linkable, edge_modifier: EdgeModifier | None = None) -> None:
        self._upstream += linked_things(other)
        for node in self._downstream:
            node.set_upstream(other, edge_modifier=self)

    def set_downstream(self, other: Linkable, edge_modifier: EdgeModifier | None = None) -> None:
        self._downstream += linked_things(other)
        for node in self._upstream:
            node.set_downstream(other, edge_modifier=self)

    def update_relative(
        self, other: DependencyMixin, upstream: bool = True, edge_modifier: EdgeModifier | None = None
    ) -> None:
        if upstream:
            self.set_upstream(other)
        else:
            self.set_downstream(other)

    def add_edge_info(self, dag: Any, upstream_id: str, downstream_id: str) -> None:
        dag.set_edge_info(upstream_id, downstream_id, {"label": self.label})


def Label(label: str) -> EdgeModifier:
    """A text for the edge it is written on."""
    return EdgeModifier(label=label)


def chain(*tasks: Linkable) -> None:
    """`chain(a, [b, c], [d, e], f)`: each before the next; lists in a row pair up and must be of one length."""
    for before, after in zip(tasks, tasks[1:], strict=False):
        if isinstance(before, DependencyMixin):
            before.set_downstream(after)
        elif isinstance(after, DependencyMixin):
            after.set_upstream(before)
        elif len(before) != len(after):
            raise ValueError(
                f"chain() pairs neighbouring lists, so they need one length; these have {len(before)} and {len(after)}"
            )
        else:
            for first, second in zip(before, after, strict=True):
                first.set_downstream(second)


def cross_downstream(from_tasks: Sequence[DependencyMixin], to_tasks: Linkable) -> None:
    """Each of `from_tasks` before each of `to_tasks`."""
    for task in from_tasks:
        task.set_downstream(to_tasks)


def chain_linear(*elements: Linkable) -> None:
    """As `chain`, but neighbouring lists are linked each with each."""
    if not elements:
        raise ValueError("no tasks to chain")
    if len(elements) == 1:
        raise ValueError("chain_linear() needs at least two elements")
    for before, after in zip(elements, elements[1:], strict=False):
        cross_downstream(linked_things(before), after)
