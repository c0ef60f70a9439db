"""What `tuiflow check` remarks on."""

from __future__ import annotations

import pytest

from tui_flow.loader.lint import check_source
from tui_flow.spec import DagSpec, TaskSpec
from tui_flow.state import TriggerRule


def rules_of(source: str, *specs: DagSpec) -> list[tuple[int, str]]:
    return [(finding.line, finding.rule) for finding in check_source(source.encode(), specs)]


@pytest.mark.parametrize(
    "command",
    [
        "echo {{ params.x }}",
        "echo {{ dag_run.conf['x'] }}",
        "a\\nb {{ ti.xcom_pull('t') }}",
        "echo {{ var.value.x | upper }}",
    ],
)
def test_untrusted_values_in_a_shell_command(command: str) -> None:
    assert [rule for _, rule in rules_of(f"BashOperator(task_id='a', bash_command={command!r})")] == [
        "unquoted-template"
    ]


@pytest.mark.parametrize(
    "command", ["echo {{ ds }}", "echo {{ params.x | sh }}", "echo {{ params.x | upper | sh }}", "true"]
)
def test_quoted_or_trusted_values_are_fine(command: str) -> None:
    assert rules_of(f"BashOperator(task_id='a', bash_command={command!r})") == []


def test_the_line_in_a_long_command_is_found() -> None:
    assert rules_of("BashOperator(\n bash_command='''set -e\necho {{ params.x }}\n''')") == [(3, "unquoted-template")]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Variable.get('x')", [(1, "read-at-import")]),
        ("with DAG('a'):\n    x = models.Variable.get('x')", [(2, "read-at-import")]),
        ("@dag()\ndef etl():\n    Variable.get('x')", [(3, "read-at-import")]),
        ("@dag\ndef etl():\n    @task\n    def a():\n        Variable.get('x')", []),
        ("def f():\n    return BaseHook.get_connection('x')", []),
        ("x = lambda: Variable.get('x')", []),
        ("c = BaseHook.get_connection('x')", [(1, "read-at-import")]),
        ("DAG('a', start_date=datetime.now())", [(1, "moving-start-date")]),
        ("DAG('a', start_date=days_ago(1))", [(1, "moving-start-date")]),
        ("DAG('a', start_date=datetime(2024, 1, 1))", []),
    ],
)
def test_what_runs_at_every_parse(source: str, found: list[tuple[int, str]]) -> None:
    assert rules_of(source) == found


def branching(join_rule: TriggerRule, arms: tuple[str, ...] = ("b", "c")) -> DagSpec:
    middle = tuple(TaskSpec(arm, upstream=("pick",)) for arm in arms)
    join = TaskSpec("join", upstream=arms, trigger_rule=join_rule)
    return DagSpec("etl", "etl.py", tags=("x",), tasks=(TaskSpec("pick", is_branch=True), *middle, join))


def test_a_join_that_is_skipped_with_the_branch_not_taken() -> None:
    source = "dag = 'etl'\npick = 1\ndef join(): ..."
    assert rules_of(source, branching(TriggerRule.ALL_SUCCESS)) == [(3, "skipped-join")]
    assert rules_of(source, branching(TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)) == []
    assert rules_of(source, branching(TriggerRule.ALL_SUCCESS, ("b",))) == []


def test_a_trigger_rule_without_upstream_and_a_dag_without_tags() -> None:
    spec = DagSpec("etl", "etl.py", tasks=(TaskSpec("a", trigger_rule=TriggerRule.ONE_FAILED),))
    assert rules_of("# etl\nDAG('etl')\nX(task_id='a')", spec) == [(2, "no-tags"), (3, "idle-trigger-rule")]
