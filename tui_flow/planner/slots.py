"""Who gets the next slot. Nothing here knows what a task instance is: entries wait in queues, queues wait for limits.

Theory of operation. All entries that share the same limits and needs stand in one *queue*, best first. A queue is
either *offered* (it may have room) or *parked* on the first of its limits that is full. Taking the next entry looks
at the best offered queue; when a limit frees, the best queues parked on it are offered again. So the cost of a launch
depends on the number of limits, not on how many entries wait. An entry whose `ready_key` has changed has left and is
passed over.

The total over everything (parallelism) is no such limit: when it is used up, nothing is looked at.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Generic, Protocol, TypeVar

SortKey = tuple[int, float, int, int, int, int]
"""Smaller goes first: minus the aged weight, logical date, run, position in the file, map_index, serial number."""

UNLIMITED = 1 << 60


class Entry(Protocol):
    ready_key: SortKey | None
    """The key that it waits with; None when it waits for no slot."""


E = TypeVar("E", bound=Entry)


class Limit(Generic[E]):
    """A number of slots that several queues share."""

    __slots__ = ("deferred", "include_deferred", "name", "parked", "size", "used")

    def __init__(self, name: str, size: int = UNLIMITED) -> None:
        self.name = name
        """What it is, for people: `pool 'etl'`."""
        self.size = size
        self.used = 0
        self.deferred = 0
        """Slots of deferred task instances: used only where `include_deferred`."""
        self.include_deferred = False
        self.parked: dict[int, list[tuple[SortKey, ReadyQueue[E]]]] = {}
        """Heaps of queues that this limit stops, by the slots that they need of it."""

    @property
    def occupied(self) -> int:
        return self.used + self.deferred if self.include_deferred else self.used

    def has_room(self, need: int) -> bool:
        return self.occupied + need <= self.size


class ReadyQueue(Generic[E]):
    """Entries that stand before the same limits with the same needs."""

    __slots__ = ("entries", "needs", "place")

    def __init__(self, needs: tuple[tuple[Limit[E], int], ...]) -> None:
        self.needs = needs
        """(limit, slots needed of it), in the order in which they are looked at."""
        self.entries: list[tuple[SortKey, E]] = []
        self.place: object = None
        """The heap where it stands: the offered ones, or one of a limit; None when it is empty."""

    def best(self) -> SortKey | None:
        entries = self.entries
        while entries:
            key, entry = entries[0]
            if entry.ready_key is key:
                return key
            heappop(entries)
        return None

    def full_limit(self) -> tuple[Limit[E], int] | None:
        for limit, need in self.needs:
            if not limit.has_room(need):
                return limit, need
        return None


class Slots(Generic[E]):
    def __init__(self, parallelism: int) -> None:
        self.total: Limit[E] = Limit("parallelism", parallelism)
        self._offered: list[tuple[SortKey, ReadyQueue[E]]] = []
        self._freed: dict[Limit[E], None] = {}

    def push(self, queue: ReadyQueue[E], key: SortKey, entry: E) -> None:
        entry.ready_key = key
        heappush(queue.entries, (key, entry))
        if queue.place is None:
            self._place(queue, self._offered, key)
        elif queue.entries[0][0] is key:
            heappush(queue.place, (key, queue))  # type: ignore[arg-type]

    def take(self) -> E | None:
        """The best entry for which every limit has room, taken out and its slots occupied."""
        while self.total.has_room(1):
            if self._freed:
                self._offer_freed()
            queue = self._pop(self._offered)
            if queue is None:
                return None
            if full := queue.full_limit():
                limit, need = full
                self._place(queue, limit.parked.setdefault(need, []), queue.entries[0][0])
                continue
            entry = heappop(queue.entries)[1]
            entry.ready_key = None
            self.occupy(queue)
            if best := queue.best():
                self._place(queue, self._offered, best)
            return entry
        return None

    def occupy(self, queue: ReadyQueue[E]) -> None:
        self.total.used += 1
        for limit, need in queue.needs:
            limit.used += need

    def release(self, queue: ReadyQueue[E]) -> None:
        self.total.used -= 1
        for limit, need in queue.needs:
            limit.used -= need
            self._freed[limit] = None

    def resize(self, limit: Limit[E], size: int) -> None:
        limit.size = size
        self._freed[limit] = None

    def change_deferred(self, limit: Limit[E], change: int) -> None:
        """A deferred task instance came (its slots) or went (minus its slots)."""
        limit.deferred += change
        self._freed[limit] = None

    def _offer_freed(self) -> None:
        """Offers the best queue of each limit that has room for it; a limit that offers none is left until it frees."""
        for limit in list(self._freed):
            offered = False
            for need, parked in limit.parked.items():
                if limit.has_room(need) and (queue := self._pop(parked)):
                    self._place(queue, self._offered, queue.entries[0][0])
                    offered = True
            if not offered:
                del self._freed[limit]

    def _place(self, queue: ReadyQueue[E], heap: list[tuple[SortKey, ReadyQueue[E]]], key: SortKey) -> None:
        queue.place = heap
        heappush(heap, (key, queue))

    def _pop(self, heap: list[tuple[SortKey, ReadyQueue[E]]]) -> ReadyQueue[E] | None:
        """The best queue of the heap, out of its place; its first entry is valid."""
        while heap:
            key, queue = heappop(heap)
            if queue.place is not heap:
                continue
            best = queue.best()
            queue.place = None
            if best is key:
                return queue
            if best is not None:
                self._place(queue, heap, best)
        return None
