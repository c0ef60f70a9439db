"""What a mapped task has pushed, as a list that is fetched in pages: of ten thousand task instances only what is looked
at travels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, Protocol

PAGE = 500


class Pages(Protocol):
    """Where the values come from."""

    def count(self) -> int: ...

    def at(self, place: int) -> str: ...

    def after(self, map_index: int, limit: int) -> list[tuple[int, str]]: ...


class LazyXComs(Sequence[Any]):
    """The results of the task instances that pushed one, in the order of their map indexes."""

    def __init__(self, pages: Pages, decode: Callable[[str], Any]) -> None:
        self._pages, self._decode = pages, decode
        self._count: int | None = None

    def __len__(self) -> int:
        if self._count is None:
            self._count = self._pages.count()
        return self._count

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            places = range(*index.indices(len(self)))
            return list(self)[index] if len(places) > 1 else [self[place] for place in places]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"there are {len(self)} results, and none at {index}")
        return self._decode(self._pages.at(place))

    def __iter__(self) -> Iterator[Any]:
        last = -1
        while page := self._pages.after(last, PAGE):
            for _, text in page:
                yield self._decode(text)
            last = page[-1][0]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str | bytes):
            return NotImplemented
        nothing = object()
        return all(mine == theirs for mine, theirs in zip_longest(self, other, fillvalue=nothing))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<the results of a mapped task: {len(self)}>"
