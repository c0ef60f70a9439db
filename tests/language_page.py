"""`python -m tests.language_page --write`: `.docs/language.md`: everything that a DAG file can say."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import tui_flow
from tests import language_words as words
from tests.commands_page import commands
from tests.generated import write_or_compare
from tests.operators_page import classes, purpose
from tui_flow import timetables
from tui_flow.cli.migration import WHY_IGNORED
from tui_flow.compat.airflow.refusals import ONE_MACHINE
from tui_flow.sdk import dag, macros, operator_args, templating, xcom, xcom_arg
from tui_flow.sdk.context import CONTEXT_KEYS
from tui_flow.sdk.deadline import DeadlineReference
from tui_flow.sdk.decorators import TaskDecoratorCollection
from tui_flow.sdk.expand import OperatorPartial
from tui_flow.sdk.notifier import BaseNotifier
from tui_flow.sdk.operator import BaseOperator
from tui_flow.sdk.sensor import BaseSensorOperator
from tui_flow.sdk.taskgroup import TaskGroup
from tui_flow.state import RunState, RunType, TaskState, TriggerRule, WeightRule

EXPORTS: Mapping[str, str] = vars(tui_flow)["_EXPORTS"]
PAGE = Path(__file__).resolve().parent.parent / ".docs" / "language.md"
HEAD = """# What a DAG file can say

Made from the code by `python -m tests.language_page --write`. Names and meanings are Airflow's.
"""
TASKFLOW = """`@task` makes a task of a function, `@task_group` a group, `@dag` a DAG; `@setup` and `@teardown`
(`as_setup()`, `as_teardown(setups=)`) frame others. `.override(...)` changes arguments for one call. `>>`, `<<`,
`chain`, `chain_linear`, `cross_downstream` and `Label` draw edges; results passed as arguments draw them by themselves.
"""
PARAMS = """`Param(default, description=, **schema)` is checked by JSON schema, with formats (`date`, `date-time`,
`time`, `duration`, `email`, ...). A run's conf goes over the defaults; keys that are no param are kept. Arguments of a
`@dag` function are params. A scheduled DAG whose params lack a valid default is an import error.
"""
SCHEDULES = """`None`, a cron expression (5 fields, a 6th for seconds, a 7th for years), `@once`, `@continuous`,
`@hourly` and the like, a `timedelta`, a `relativedelta`, an asset expression, or one of these:
"""
ASSETS = "`a & b`, `a | b` and lists (all of them) combine; see [assets.md](assets.md)."
CALLBACKS = """Callbacks are functions of the context, notifiers (`BaseNotifier`), or lists of them. An error in one is
logged.
"""
XCOMS = """dataclasses, enums, named tuples, attrs classes, pydantic models, classes with `serialize` and
`deserialize`, and what `collections`, `ipaddress`, `zoneinfo`, pendulum, numpy and pandas have. Anything else fails
the task that pushes it. Above `[xcom] inline_bytes` a value is kept in a file.
"""
RUNNING = """What these commands change, each with `--dry-run`; [commands.md](commands.md) explains every option.
"""


def main(words: list[str]) -> int:
    return write_or_compare(PAGE, render(), "tests.language_page", words)


def render() -> str:
    parts = [HEAD]
    for title, content in SECTIONS.items():
        parts.append(f"## {title}\n\n{content()}")
    return "\n".join(parts)


def table(names: Iterable[str], meaning: Mapping[str, str]) -> str:
    """Rows in the order of `names`. Raises ValueError unless these are just those that have a meaning."""
    names = list(names)
    if odd := set(names) ^ meaning.keys():
        raise ValueError(f"language_words and the code differ in {', '.join(sorted(odd))}")
    return _table(("name", "meaning"), ((f"`{name}`", meaning[name]) for name in names))


def arguments(function: Callable[..., Any], meaning: Mapping[str, str], ignored: Collection[str] = ()) -> str:
    """A row an argument: name, default, meaning; those without effect at the end."""
    found = inspect.signature(function).parameters.values()
    taken = [parameter for parameter in found if parameter.name not in ("self", "kwargs")]
    told = {**meaning, **{name: f"accepted, ignored: {WHY_IGNORED[name]}" for name in ignored}}
    if odd := {parameter.name for parameter in taken} ^ told.keys():
        raise ValueError(f"language_words and the arguments of {function.__qualname__} differ in {sorted(odd)}")
    rows = sorted(taken, key=lambda parameter: parameter.name in ignored)
    return _table(("argument", "default", "meaning"), ((f"`{p.name}`", _default(p), told[p.name]) for p in rows))


def _default(parameter: inspect.Parameter) -> str:
    value = parameter.default
    if value is parameter.empty:
        return "needed"
    if value is xcom_arg.NOTSET:
        return ""
    return f"{value.total_seconds():g} s" if isinstance(value, timedelta) else f"`{value}`"


def _table(head: Collection[str], rows: Iterable[Collection[str]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in [head, *rows]]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines) + "\n"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _trigger_rules() -> str:
    aliases = {f"`{old}`": f"`{rule}`" for old, rule in operator_args.TRIGGER_RULE_ALIASES.items()}
    return table(TriggerRule, words.TRIGGER_RULES) + "\nAirflow 2's names: " + _pairs(aliases) + ".\n"


def _pairs(pairs: Mapping[str, str]) -> str:
    return ", ".join(f"{one} ({other})" for one, other in pairs.items())


def _taskflow() -> str:
    decorators = ["python", *sorted(TaskDecoratorCollection.elsewhere), "run_if", "skip_if"]
    named = _names(f"@task.{name}" for name in decorators)
    told = f"{TASKFLOW}\nDecorators: {named}; see [operators.md](operators.md).\n"
    return f"{told}\n`TaskGroup`:\n\n{arguments(TaskGroup.__init__, words.GROUP_ARGUMENTS)}"


def _mapping() -> str:
    found = {f"Operator.{BaseOperator.partial.__name__}": BaseOperator.partial}
    found |= {f".{name}": getattr(OperatorPartial, name) for name in _public(OperatorPartial)}
    found |= {f"task.output.{name}": getattr(xcom_arg.XComArg, name) for name in ("map", "zip", "concat")}
    rows = ((f"`{name}{_parameters(function)}`",) for name, function in found.items())
    return (
        _table(("call",), rows) + "\nDecorated tasks and task groups have them, too. No element: the task is skipped. "
        "At most `[core] max_map_length` elements.\n"
    )


def _public(cls: type) -> list[str]:
    return [name for name, value in vars(cls).items() if not name.startswith("_") and inspect.isfunction(value)]


def _parameters(function: Callable[..., Any]) -> str:
    parameters = inspect.signature(function).parameters.values()
    return "(" + ", ".join(str(p.replace(annotation=p.empty)) for p in parameters if p.name != "self") + ")"


def _schedules() -> str:
    found = [name for name in timetables.__all__ if _is_timetable(getattr(timetables, name))]
    rows = [(f"`{name}`", _sentence(getattr(timetables, name))) for name in found]
    return f"{SCHEDULES}\n{_table(('timetable', 'meaning'), rows)}\nOne's own: a subclass of `tui_flow.Timetable`.\n"


def _is_timetable(value: object) -> bool:
    is_kind = inspect.isclass(value) and issubclass(value, timetables.Timetable) and value is not timetables.Timetable
    return is_kind and value is not timetables.AuthorTimetable


def _assets() -> str:
    modules = ("sdk.asset", "sdk.asset_decorator", "sdk.asset_watcher", "sdk.outlet_events")
    found = sorted(name for module in modules for name in EXPORTS[module].split())
    rows = ((f"`{name}`", _sentence(getattr(tui_flow, name))) for name in found)
    return f"{_table(('name', 'meaning'), rows)}\n{ASSETS}\n"


def _sentence(value: object) -> str:
    text = " ".join((inspect.getdoc(value) or "").split())
    return text.partition(". ")[0].rstrip(".")


def _alerts() -> str:
    references = _names(f"DeadlineReference.{name}" for name in vars(DeadlineReference) if name.isupper())
    notifiers = _table(("notifier", "what for"), ((f"`{cls.__name__}`", purpose(cls)) for cls in classes(BaseNotifier)))
    return f"{CALLBACKS}\n{notifiers}\n`DeadlineAlert(reference, interval, callback)` counts from {references}.\n"


def _templates() -> str:
    return (
        f"Context keys:\n\n{table(sorted(CONTEXT_KEYS), words.CONTEXT_KEYS)}\n"
        f"`macros.`:\n\n{table(sorted(_macros()), words.MACROS)}\n"
        f"Filters:\n\n{table(sorted(templating.FILTERS), words.FILTERS)}"
    )


def _macros() -> set[str]:
    public = {name for name in vars(macros) if not name.startswith("_")} - {"Any", "annotations"}
    return public | set(vars(macros)["_NAMES"])


def _xcoms() -> str:
    plain = ["None", "bool", "int", "str", "list", "dict"]
    typed = sorted({kind.__name__ for kind in (*xcom.PACKERS, *xcom.COLLECTIONS)})
    return f"What comes back as it went in: {_names([*plain, *typed])}, {XCOMS}"


def _running() -> str:
    rows = []
    for name, command in commands():
        if name.split()[1] in ("clear", "mark", "backfill"):
            options = (max(param.opts, key=len) for param in command.params if param.param_type_name != "argument")
            rows.append((f"`{name}`", _names(options)))
    rest = _names(name.removeprefix("tuiflow ") for name, _ in commands())
    return f"{RUNNING}\n{_table(('command', 'options'), rows)}\nAll commands: {rest}.\n"


def _not_here() -> str:
    reasons: dict[str, list[str]] = {}
    for name, why in ONE_MACHINE.items():
        reasons.setdefault(why, []).append(name)
    rows = [*words.NOT_HERE.items(), *((_names(sorted(names)), why) for why, names in sorted(reasons.items()))]
    return _table(("what", "because"), rows)


def _operators() -> str:
    sensors = [cls.__name__ for cls in classes(BaseSensorOperator)]
    others = [cls.__name__ for cls in classes(BaseOperator) if cls.__name__ not in sensors]
    return (
        f"[operators.md](operators.md) explains them.\n\nOperators: {_names(others)}.\n\nSensors: {_names(sensors)}.\n"
    )


def _public_names() -> str:
    names = {name for found in EXPORTS.values() for name in found.split()}
    return _names(sorted(names | vars(tui_flow)["_MODULES"].keys())) + ".\n"


SECTIONS: dict[str, Callable[[], str]] = {
    "DAG arguments": lambda: arguments(dag.DAG.__init__, words.DAG_ARGUMENTS, dag.IGNORED_ARGUMENTS),
    "Arguments of every operator": lambda: arguments(
        BaseOperator.__init__, words.TASK_ARGUMENTS, operator_args.IGNORED_ARGUMENTS
    ),
    "Trigger rules": _trigger_rules,
    "Priority": lambda: table(WeightRule, words.WEIGHT_RULES) + "\nOr a `PriorityWeightStrategy` of one's own.\n",
    "TaskFlow and groups": _taskflow,
    "Dynamic task mapping": _mapping,
    "Params": lambda: PARAMS,
    "Schedules": _schedules,
    "Assets": _assets,
    "Operators and sensors": _operators,
    "Callbacks, notifiers, deadlines": _alerts,
    "Templates": _templates,
    "XComs": _xcoms,
    "Task states": lambda: table(TaskState, words.TASK_STATES),
    "Run states": lambda: table(RunState, words.RUN_STATES),
    "Run types": lambda: table(RunType, words.RUN_TYPES),
    "Clear, mark, backfill, commands": _running,
    "What `tui_flow` exports": _public_names,
    "Not here": _not_here,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
