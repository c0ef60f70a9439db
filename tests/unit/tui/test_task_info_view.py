"""One task instance: what is said of its tries, its templates, its XComs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.unit.planner.dsl import NOW, dag_of, run_of, ti_of
from tui_flow.records import TaskAttempt, XCom
from tui_flow.state import AttemptState, TaskState
from tui_flow.tui.views.run_info import run_info_rows
from tui_flow.tui.views.task_info import RENDER, TaskInfo, task_facts

DAG = dag_of("a >> b", tasks={"b": {"template_fields": ("command",), "retries": 1, "doc": "Says\nhello."}})
RUN = run_of(DAG)
B = DAG.by_id["b"]
S = timedelta(seconds=1)


def facts(info: TaskInfo, **more: object) -> dict[str, dict[str, str]]:
    sections = task_facts(info, more.get("rendered"), str(more.get("problem", "")), NOW, True)  # type: ignore[arg-type]
    return {title: {fact.name: fact.text for fact in found} for title, found in sections.items()}


def attempt(number: int, **more: object) -> TaskAttempt:
    made = TaskAttempt(number, RUN.id, "b", -1, number, AttemptState.FAILED, NOW, "boot", NOW, NOW + 5 * S)
    return replace(made, **more)  # type: ignore[arg-type]


def test_tries_say_how_they_ended_and_what_they_took_the_newest_first() -> None:
    tries = [attempt(1, exit_code=3, reason="oops"), attempt(2, signal=9, cpu_s=1.5, max_rss_bytes=64 << 20)]
    found = facts(TaskInfo(RUN, B, ti_of(RUN, B, TaskState.FAILED, 2), tries))["Tries"]
    assert list(found) == ["try 2", "try 1"]
    assert found["try 2"] == "failed · 2026-01-01 00:00:00 · 5.0s · signal 9 · cpu 1.5s · mem 64M"
    assert found["try 1"].endswith("exit 3 · oops")


def test_templates_are_rendered_when_asked_for() -> None:
    info = TaskInfo(RUN, B, ti_of(RUN, B, TaskState.SUCCESS, 1))
    assert facts(info)["Rendered templates"] == {"command": "enter renders them for this run"}
    assert task_facts(info, None, "", NOW, True)["Rendered templates"][0].key == RENDER
    assert facts(info, rendered={"command": "echo 1"})["Rendered templates"] == {"command": "echo 1"}
    assert facts(info, problem="no such file")["Rendered templates"] == {"not rendered": "no such file"}
    assert facts(TaskInfo(RUN, DAG.by_id["a"], ti_of(RUN, DAG.by_id["a"])))["Rendered templates"] == {}


def test_a_waiting_instance_says_why_and_until_when() -> None:
    waits = replace(ti_of(RUN, B, TaskState.UP_FOR_RETRY, 1), due_at=NOW + 120 * S)
    found = facts(TaskInfo(RUN, B, waits, reasons=("try 1 of 2 failed", "the pool is full")))["Task instance"]
    assert found["next try"] == "in 2m" and found["waits"] == "try 1 of 2 failed" and found["try"] == "1 of 2"


def test_an_instance_that_is_not_there_yet_is_no_error() -> None:
    assert "no instance" in facts(TaskInfo(RUN, None, None))["Task instance"]["state"]


def test_long_values_open_and_hostile_ones_are_harmless() -> None:
    xcom = XCom(RUN.id, "b", -1, "re[/]turn", '"a\\u001b]52;c;x\\u0007\\nb"')
    sections = task_facts(TaskInfo(RUN, B, ti_of(RUN, B), xcoms=[xcom]), None, "", NOW, True)
    key = sections["XComs"][0].key
    rows = run_info_rows(sections, {key}, 80)
    text = "\n".join("".join(piece for piece, _ in row.pieces) for row in rows)
    assert "\x1b" not in text and "re[/]turn" in text and "      b" in text
    assert "2 lines" in text  # of the docs, which are not opened
