"""What is legal in a DAG file and still a mistake: for `tuiflow check`. Runs none of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tui_flow.loader.dialect import parse_source
from tui_flow.spec import DagSpec, TaskSpec
from tui_flow.state import TriggerRule

_EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_UNTRUSTED = re.compile(r"\b(params|conf|xcom_pull|xcom|var|run_id|inlets)\b")
_QUOTED = re.compile(r"\|\s*(sh|e|tojson)\b")
_SLOW_CALLS: dict[tuple[str, ...], str] = {
    ("Variable", "get"): "read the Variable inside the task, or as {{ var.value.NAME }}",
    ("Connection", "get"): "read the Connection inside the task",
    ("Connection", "get_connection_from_secrets"): "read the Connection inside the task",
    ("BaseHook", "get_connection"): "read the Connection inside the task",
}
OURS_ALONE = frozenset({"no-tags", "unquoted-template"})
"""Rules whose remedy is no habit of Airflow's files, or not there in Airflow."""
_MOVING_CALLS = {"now", "utcnow", "today", "days_ago"}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One remark."""

    line: int
    rule: str
    message: str


def check_source(source: bytes, specs: Iterable[DagSpec] = ()) -> list[Finding]:
    """All remarks on one DAG file, in order of lines; `specs` are what it loads as. None on what is not Python."""
    tree = parse_source(source)
    if tree is None:
        return []
    findings = [finding for call in _calls(tree) for finding in _check_call(call)]
    findings += [finding for call in _calls_at_import(tree) for finding in _check_slow_call(call)]
    lines = source.decode("utf-8", "replace").splitlines()
    for spec in specs:
        findings += _check_spec(spec, lambda name: _line_of(lines, name))
    return sorted(set(findings))


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _calls_at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Calls that run whenever the file is parsed: outside functions, or in the function under `@dag`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Lambda):
            continue
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_dag_function(child):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _calls_at_import(child)


def _is_dag_function(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(_name(d.func if isinstance(d, ast.Call) else d)[-1:] == ("dag",) for d in function.decorator_list)


def _name(node: ast.AST) -> tuple[str, ...]:
    """`a.b.c` in parts; () for anything else."""
    if isinstance(node, ast.Name):
        return (node.id,)
    return (*_name(node.value), node.attr) if isinstance(node, ast.Attribute) else ()


def _check_call(call: ast.Call) -> Iterator[Finding]:
    for keyword in call.keywords:
        if keyword.arg == "bash_command":
            yield from _check_shell(keyword.value)
        elif keyword.arg == "start_date" and isinstance(keyword.value, ast.Call):
            name = _name(keyword.value.func)[-1:]
            if name and name[0] in _MOVING_CALLS:
                yield Finding(
                    keyword.value.lineno,
                    "moving-start-date",
                    f"start_date={name[0]}() is another date at every parse; write a fixed date",
                )


def _check_shell(value: ast.expr) -> Iterator[Finding]:
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for found in _EXPRESSION.finditer(node.value):
                if _UNTRUSTED.search(found[1]) and not _QUOTED.search(found[1]):
                    line = min(node.lineno + node.value.count("\n", 0, found.start()), node.end_lineno or node.lineno)
                    yield Finding(
                        line,
                        "unquoted-template",
                        f"{found[0]} in a shell command can run as code; write {{{{ {found[1].strip()} | sh }}}} "
                        "or pass it through env",
                    )


def _check_slow_call(call: ast.Call) -> Iterator[Finding]:
    if advice := _SLOW_CALLS.get(_name(call.func)[-2:]):
        name = ".".join(_name(call.func)[-2:])
        yield Finding(call.lineno, "read-at-import", f"{name}() runs at every parse of the file; {advice}")


def _check_spec(spec: DagSpec, line_of: Callable[[str], int]) -> Iterator[Finding]:
    if not spec.tags:
        yield Finding(line_of(spec.dag_id), "no-tags", f"DAG {spec.dag_id!r} has no tags; lists are filtered by them")
    for task in spec.tasks:
        if task.trigger_rule not in (TriggerRule.ALL_SUCCESS, TriggerRule.ALWAYS) and not task.upstream:
            yield Finding(
                line_of(task.task_id),
                "idle-trigger-rule",
                f"trigger_rule={str(task.trigger_rule)!r} of {task.task_id!r} means nothing: it has no upstream task",
            )
        elif task.trigger_rule is TriggerRule.ALL_SUCCESS and (branch := _branch_joined_by(spec, task)):
            yield Finding(
                line_of(task.task_id),
                "skipped-join",
                f"{task.task_id!r} joins the branches of {branch!r} and is skipped with the one that is not taken; "
                "set trigger_rule='none_failed_min_one_success'",
            )


def _branch_joined_by(spec: DagSpec, task: TaskSpec) -> str | None:
    """The branching task of which two arms meet in `task`, each through a task that waits for success."""
    for branch in spec.tasks:
        if branch.is_branch:
            arms = [arm for arm in spec.downstream[branch.task_id] if arm != task.task_id]
            if sum(_leads_to(spec, arm, task.task_id) for arm in arms) > 1:
                return branch.task_id
    return None


def _leads_to(spec: DagSpec, start: str, goal: str) -> bool:
    """Whether a skip of `start` reaches `goal` through tasks that are skipped with their upstream."""
    todo, seen = [start], {start}
    while todo:
        for task_id in spec.downstream[todo.pop()]:
            if task_id == goal:
                return True
            if task_id not in seen and spec.by_id[task_id].trigger_rule is TriggerRule.ALL_SUCCESS:
                seen.add(task_id)
                todo.append(task_id)
    return False


def _line_of(lines: list[str], name: str) -> int:
    """Where an id is written, or the function that gave it; 1 where neither is found."""
    short = re.escape(name.rpartition(".")[2])
    wanted = re.compile(rf"""["']{re.escape(name)}["']|["']{short}["']|\bdef {short}\b""")
    return next((number for number, line in enumerate(lines, 1) if wanted.search(line)), 1)
