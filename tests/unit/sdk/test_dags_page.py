"""`.docs/dags.md` names every argument that has an effect, and its example is a DAG."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from tui_flow import DAG, BaseOperator
from tui_flow.sdk import dag, operator_args
from tui_flow.sdk.current import DagContext
from tui_flow.sdk.to_spec import dag_to_spec

PAGE = (Path(__file__).parents[3] / ".docs" / "dags.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("heading", "of", "ignored"),
    [
        ("Of `DAG`:", DAG, dag.IGNORED_ARGUMENTS),
        ("Of every operator and `@task`:", BaseOperator, operator_args.IGNORED_ARGUMENTS),
    ],
)
def test_the_page_names_every_argument(heading: str, of: Any, ignored: tuple[str, ...]) -> None:
    listed = PAGE.split(heading)[1].split("\n\n")[0]
    named = re.findall(r"`(\w+)`", listed)
    known = set(inspect.signature(of.__init__).parameters) - {"self", "kwargs", *ignored}
    assert named == sorted(known)


def test_the_example_is_a_dag() -> None:
    code = PAGE.split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {"__name__": "example"}
    DagContext.take_registered()
    exec(code, names)
    spec = dag_to_spec(names["dag"], "nightly.py", "tui_flow")
    assert [task.task_id for task in spec.tasks if task.is_teardown] == ["drop_cluster"]
    assert [alert["name"] for alert in spec.deadlines] == ["by dawn"]
    assert names["dag"] in DagContext.take_registered()
