"""Loads DAG files in forked processes, as hosts do."""

from __future__ import annotations

import json
import os
import signal
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tui_flow.loader.failure import describe_exit
from tui_flow.loader.load import Loaded, LoadRequest, load_file, set_parse_limits
from tui_flow.loader.parse_log import ParseLog


def in_child(work: Callable[[], Any]) -> tuple[Any, int]:
    """What `work` returns in a forked process (None when it never does), and the process's exit code."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read_end)
        os.setsid()
        answer = work()
        with open(write_end, "w") as out:
            json.dump(answer, out)
        os._exit(0)
    os.close(write_end)
    with open(read_end) as answers:
        text = answers.read()
    _, status = os.waitpid(pid, 0)
    return (json.loads(text) if text else None), os.waitstatus_to_exitcode(status)


class Dags:
    """A DAGs folder with a store of sources beside it."""

    def __init__(self, base: Path) -> None:
        self.folder, self.sources = base / "dags", base / "sources"
        self.folder.mkdir(mode=0o755)

    def write(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        return file

    def request(self, file: str = "etl.py", version: str | None = None) -> LoadRequest:
        return LoadRequest(str(self.folder), file, str(self.sources), version)

    def load(
        self, file: str = "etl.py", version: str | None = None, *, memory_bytes: int = 0, timeout_s: int = 20
    ) -> Loaded:
        """As the launcher does it: a fork that is killed when it takes too long."""
        log = ParseLog()

        def work() -> dict[str, Any]:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(timeout_s)
            set_parse_limits(memory_bytes)
            return load_file(self.request(file, version), log).to_dict()

        answer, exit_code = in_child(work)
        if answer is not None:
            return Loaded.from_dict(answer)
        output = log.text()
        late = timeout_s if exit_code == -signal.SIGALRM else None
        failure = describe_exit(file, exit_code, output, dags_folder=str(self.folder), timed_out_after_s=late)
        return Loaded(file, failure=failure, output=output)


DAG_OF = """
from tui_flow import DAG
from tui_flow.sdk.operator import BaseOperator

def dag_of(*task_ids, dag_id="etl"):
    with DAG(dag_id, schedule=None) as dag:
        for task_id in task_ids:
            BaseOperator(task_id=task_id)
    return dag
"""
"""A module that DAG files of tests import, to define DAGs in a line."""

ETL = "from make import dag_of\ndag = dag_of('a')\n"


def dags_with_maker(base: Path) -> Dags:
    """A folder with a module `make` that has `dag_of`."""
    folder = Dags(base)
    folder.write("make.py", DAG_OF)
    return folder


def task_ids(loaded: Loaded) -> list[str]:
    assert loaded.failure is None, loaded.failure
    return [task.task_id for spec in loaded.specs for task in spec.tasks]
