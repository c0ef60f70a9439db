"""Shell tasks that need no Python of their own: rendered in the host, spawned as one `bash`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tui_flow.messages import Message, Workload
from tui_flow.runtime.contexts import context_of
from tui_flow.runtime.scratch import take_folder
from tui_flow.runtime.served import ServedFile
from tui_flow.runtime.xcoms import XComFiles
from tui_flow.sdk.context import Context


@dataclass(frozen=True, slots=True)
class ShellCommand:
    text: str
    environment: Mapping[str, str]
    folder: str
    is_scratch: bool
    """The folder was made for this attempt and is removed with it."""
    skip_exit_codes: tuple[int, ...]
    push_last_line: bool


class NeedsPython(Exception):
    """Rendering asked for something that only an attempt of its own may do."""


class _PlainTaskInstance:
    """`ti` for rendering in a host: knows itself and the XComs that came along, and asks nobody."""

    def __init__(self, task: Any, workload: Workload, started: datetime, files: XComFiles) -> None:
        self.task = task
        self.task_id, self.dag_id, self.run_id = workload.task_id, workload.dag_id, workload.run.run_id
        self.try_number, self.max_tries, self.map_index = workload.try_number, workload.max_tries, workload.map_index
        self.start_date = self.first_started_at = started
        self.poke_count = workload.poke_count
        self.run_facts = workload.run
        self._workload, self._files = workload, files

    def xcom_pull(
        self, task_ids: Any = None, dag_id: Any = None, key: str | None = "return_value", *args: Any, **kwargs: Any
    ) -> Any:
        if (
            not isinstance(task_ids, str)
            or dag_id is not None
            or args
            or kwargs
            or key is None
            or task_ids not in self._workload.xcoms_of
        ):
            raise NeedsPython
        values = [value for t, m, k, value in self._workload.xcoms if t == task_ids and k == key and m < 0]
        return self._files.decode(values[0]) if values else None

    def __getattr__(self, name: str) -> Any:
        raise NeedsPython


def command_of(config: Message, served: ServedFile, workload: Workload) -> ShellCommand:
    """Render the task's command and environment. Raises what rendering raises."""
    task = served.task(workload.dag_id, workload.task_id).for_execution()
    files = XComFiles(Path(config["spill"]), config["xcom_inline_bytes"], config["xcom_max_bytes"])
    ti = _PlainTaskInstance(task, workload, datetime.now(UTC), files)
    context: Context = context_of(served, workload, task, ti)
    task.render_template_fields(context)
    environment = task.get_env(context)
    if task.cwd is not None and not Path(task.cwd).is_dir():
        raise NeedsPython
    codes = task.skip_on_exit_code
    return ShellCommand(
        text=task.bash_command,
        environment={name: str(value) for name, value in environment.items()},
        folder=task.cwd or take_folder(config["scratch"]),
        is_scratch=task.cwd is None,
        skip_exit_codes=tuple(codes or ()),
        push_last_line=task.do_xcom_push,
    )
