"""`ExternalPythonOperator`, `BranchExternalPythonOperator`: call a function with a Python that exists already."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from typing import Any

from tui_flow.operators.isolated_python import IsolatedPythonOperator
from tui_flow.sdk.branch import BranchMixIn
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException


class ExternalPythonOperator(IsolatedPythonOperator):
    """Calls the function with the interpreter `python`, for example of a virtual environment. It needs no tuiflow."""

    template_fields: Collection[str] = ("python", *IsolatedPythonOperator.template_fields)

    def __init__(self, *, python: str | os.PathLike[str], expect_pendulum: bool | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not python:
            raise ValueError(f"task {self.task_id!r}: python must be the path of an interpreter")
        self.python, self.expect_pendulum = os.fspath(python), expect_pendulum

    def execute_isolated(self, context: Context) -> Any:
        python = os.path.expanduser(self.python)
        if shutil.which(python) is None:
            problem = "cannot be executed" if os.path.exists(python) else "does not exist"
            raise AirflowException(f"task {self.task_id!r}: the interpreter {python!r} {problem}")
        return self.call_with(python, context)


class BranchExternalPythonOperator(ExternalPythonOperator, BranchMixIn):
    """As `ExternalPythonOperator`; the function chooses which downstream tasks run."""

    inherits_from_skipmixin = True

    def execute(self, context: Context) -> Any:
        return self.do_branch(context, super().execute(context))
