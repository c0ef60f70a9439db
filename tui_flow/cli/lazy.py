"""What makes the command line start quickly: verbs imported when asked for, parameters converted without pydantic.

Commands are declared with typer: `app = verb_app()` or `group_app(...)`, then `@command(app, "name", example=...)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from tui_flow.cli.habits import hint
from tui_flow.cli.verbs import VERBS
from tui_flow.errors import UsageError

_NEGATIVE = re.compile(r"-\d+")
Function = TypeVar("Function", bound=Callable[..., Any])
_SETTINGS: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,  # help text is plain: quick, and nothing in it can be taken for markup
    "context_settings": {"help_option_names": ["-h", "--help"], "max_content_width": 100},
}


class PlainCommand(TyperCommand):
    """A command whose parameters are text, switches and whole numbers, and whose epilog is an example."""

    def get_params(self, ctx: Any) -> list[Any]:
        return convert_plainly(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """A negative number is a value, such as the slots of a pool without limit: no option looks like one."""
        ctx.ignore_unknown_options = any(_NEGATIVE.fullmatch(arg) for arg in args)
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        arguments = [param for param in self.params if param.param_type_name == "argument"]
        return ["[OPTIONS]", *(str(argument.metavar) for argument in arguments)]

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        if self.epilog:
            with formatter.section("Example"):
                formatter.write(f"{'':{formatter.current_indent}}{self.epilog}\n")


class PlainGroup(TyperGroup):
    def get_params(self, ctx: Any) -> list[Any]:
        return convert_plainly(super().get_params(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-") and not ctx.resilient_parsing:
            group = ctx.info_name if ctx.parent else ""
            words = f"{group} {args[0]}".strip()
            told = hint(words, known) or f"; `{ctx.command_path} --help` lists them"
            raise UsageError(f"no command {words!r}{told}")
        return super().resolve_command(ctx, args)


class VerbGroup(PlainGroup):
    """The root: knows its verbs from the table and imports one when it is asked for."""

    _is_listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in VERBS:
            return None
        if self._is_listing:
            return TyperCommand(cmd_name, help=VERBS[cmd_name].help)
        return command_of(cmd_name)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        self._is_listing = True
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self._is_listing = False

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        width = max(len(name) for name in VERBS)
        for section in dict.fromkeys(verb.section for verb in VERBS.values()):
            rows = [(f"{verb.name:{width}}", verb.help) for verb in VERBS.values() if verb.section == section]
            with formatter.section(section):
                formatter.write_dl(rows)


class _Plain:
    """Converts what `_PLAIN` names as typer would, without pydantic, whose import is half of a command's start-up."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if self._kind == list[str]:
            return list(value or ())
        if value is None or self._kind is not int:
            return value
        try:
            return int(value)
        except ValueError as err:
            raise typer.BadParameter(f"{value!r} is not a whole number", ctx=ctx, param=param) from err


_PLAIN: tuple[Any, ...] = (str, bool, int, list[str])


def convert_plainly(params: list[Any]) -> list[Any]:
    """Spare the parameters of a plain kind typer's own conversion.

    `_runtime_param` is typer's private cache of the converter; a release that does not read it only loses the speed."""
    for param in params:
        kind = getattr(getattr(param, "type_descriptor", None), "annotation", None)
        if kind in _PLAIN:
            param._runtime_param = _Plain(kind)
    return params


def verb_app() -> typer.Typer:
    """The app of a module that is one command."""
    return typer.Typer(**_SETTINGS)


def group_app(help: str) -> typer.Typer:
    """The app of a module with several commands below one verb."""
    app = typer.Typer(**_SETTINGS, cls=PlainGroup, help=help, no_args_is_help=True)
    app.callback()(_group)
    return app


def _group() -> None:
    pass


def command(app: typer.Typer, name: str, *, example: str) -> Callable[[Function], Function]:
    """Register a function as a command with one example in its help."""
    return app.command(name, cls=PlainCommand, epilog=example)


def command_of(verb: str) -> Any:
    """The typer command (or group) of a top-level verb; imports its module."""
    built = typer.main.get_command(import_module(VERBS[verb].module).app)
    built.name = verb
    return built
