"""The file descriptors that wake the loop, and what is done when one is ready."""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from functools import partial


class Descriptors:
    """A signal wakes it too, through `signal_fd`."""

    def __init__(self) -> None:
        self.poller = select.epoll()
        self._deeds: dict[int, Callable[[], object]] = {}
        own_end, self.signal_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.watch(own_end, partial(os.read, own_end, 4096))

    def watch(self, fd: int, deed: Callable[[], object]) -> None:
        self.poller.register(fd, select.EPOLLIN)
        self._deeds[fd] = deed

    def unwatch(self, fd: int) -> None:
        del self._deeds[fd]
        self.poller.unregister(fd)

    def wait(self, seconds: float, otherwise: Callable[[int], object]) -> None:
        """Until one is ready, at most so long, and do what belongs to those that are; `otherwise` deals with those that
        others have registered with the poller."""
        ready = self.poller.poll(seconds) or self.poller.poll(0)  # after a stop by a signal the first finds none
        for fd, _ in ready:
            deed = self._deeds.get(fd)
            if deed is None:
                otherwise(fd)
            else:
                deed()

    def close(self) -> None:
        self.poller.close()
