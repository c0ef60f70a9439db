"""The yardstick for Python tasks: a bare fork and exit loop by a process with the modules that hosts have.

`python -m tests.bench.forking` answers each line (how many) with the seconds that it took.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time

from tests.bench.home import BenchHome


class ForkLoop:
    """That process, seen from outside."""

    def __init__(self, home: BenchHome) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.forking"],
            env=home.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def per_s(self, count: int) -> float:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        return count / float(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()

    def __enter__(self) -> ForkLoop:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def fork_and_exit(count: int) -> float:
    started = time.perf_counter()
    for _ in range(count):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
    return time.perf_counter() - started


def main() -> None:
    for line in sys.stdin:
        print(fork_and_exit(int(line)), flush=True)


if __name__ == "__main__":
    from tui_flow.runtime.launcher import preload  # only this process is to have these modules

    preload()
    gc.collect()
    gc.freeze()
    main()
