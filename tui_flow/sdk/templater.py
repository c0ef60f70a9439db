"""Rendering of an object's `template_fields`: what operators and notifiers have in common."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException
from tui_flow.sdk.templating import compiled, has_markup, render
from tui_flow.sdk.xcom_arg import ResolveMixin

if TYPE_CHECKING:
    import jinja2


class LiteralValue(ResolveMixin):
    """A value that is passed on unrendered."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def iter_references(self) -> Any:
        return iter(())

    def resolve(self, context: Context) -> Any:
        return self.value


literal = LiteralValue
"""`literal("{{ not a template }}")`"""


class Templater:
    """Has fields that are Jinja templates."""

    template_fields: Collection[str] = ()
    template_ext: Collection[str] = ()
    template_fields_renderers: ClassVar[dict[str, str]] = {}

    def get_template_env(self, dag: Any = None) -> jinja2.Environment:
        """The environment of the DAG, or a plain one."""
        from tui_flow.sdk.templating import create_environment  # jinja2 itself is what this saves

        dag = dag or getattr(self, "_dag", None)
        environment: jinja2.Environment = dag.get_template_env() if dag is not None else create_environment()
        return environment

    def prepare_template(self) -> None:
        """Overridden by operators that change fields before they are rendered."""

    def resolve_template_files(self) -> None:
        """Replace fields that name a template file by the file's text."""
        environment = self.get_template_env()
        for name in self.template_fields:
            value = getattr(self, name, None)
            if isinstance(value, str) and self._is_file(value):
                setattr(self, name, _source(environment, value))
            elif isinstance(value, list):
                setattr(
                    self,
                    name,
                    [_source(environment, v) if isinstance(v, str) and self._is_file(v) else v for v in value],
                )
        self.prepare_template()

    def _is_file(self, value: str) -> bool:
        return any(value.endswith(ext) for ext in self.template_ext)

    def _do_render_template_fields(
        self,
        parent: Any,
        template_fields: Collection[str],
        context: Mapping[str, Any],
        jinja_env: jinja2.Environment,
        seen: set[int],
    ) -> None:
        for name in template_fields:
            try:
                value = getattr(parent, name)
            except AttributeError:
                raise AttributeError(
                    f"{name!r} is a template field of {type(parent).__name__}, but it has no such attribute"
                ) from None
            if not value and not isinstance(value, ResolveMixin):
                continue
            try:
                rendered = self.render_template(value, context, jinja_env, seen)
            except Exception as err:
                what = getattr(parent, "task_id", type(parent).__name__)
                err.add_note(f"while rendering the template field {name!r} of {what!r}")
                logging.getLogger("tui_flow.task").error(
                    "Cannot render the template field %r of %r: %s: %s", name, what, type(err).__name__, err
                )
                raise
            setattr(parent, name, rendered)

    def render_template(
        self,
        content: Any,
        context: Mapping[str, Any],
        jinja_env: jinja2.Environment | None = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """`content` with every string in it rendered and every reference to a result replaced by the result."""
        seen = set() if seen_oids is None else seen_oids
        if id(content) in seen:
            return content
        environment = jinja_env or self.get_template_env()
        if isinstance(content, str):
            return self._render_string(content, context, environment)
        if isinstance(content, ResolveMixin):
            return content.resolve(context if isinstance(context, Context) else Context(context))
        if isinstance(content, tuple):
            rendered = [self.render_template(element, context, environment, seen) for element in content]
            return type(content)(*rendered) if hasattr(content, "_fields") else tuple(rendered)
        if isinstance(content, list):
            return [self.render_template(element, context, environment, seen) for element in content]
        if isinstance(content, dict):
            return {key: self.render_template(value, context, environment, seen) for key, value in content.items()}
        if isinstance(content, set):
            return {self.render_template(element, context, environment, seen) for element in content}
        if getattr(content, "template_fields", None) and not isinstance(content, type):
            seen.add(id(content))
            self._do_render_template_fields(content, content.template_fields, context, environment, seen)
        return content

    def _render_string(self, text: str, context: Mapping[str, Any], environment: jinja2.Environment) -> Any:
        if self._is_file(text):
            return render(_file_template(environment, text), context)
        if environment.variable_start_string == "{{" and not has_markup(text):
            return text.removesuffix("\n") if not environment.keep_trailing_newline else text
        return render(compiled(environment, text), context)


def _file_template(environment: jinja2.Environment, name: str) -> jinja2.Template:
    import jinja2

    try:
        return environment.get_template(name)
    except jinja2.TemplateNotFound as err:
        raise AirflowException(_not_found(environment, name)) from err


def _source(environment: jinja2.Environment, name: str) -> str:
    import jinja2

    if environment.loader is None:
        raise AirflowException(_not_found(environment, name))
    try:
        return environment.loader.get_source(environment, name)[0]
    except jinja2.TemplateNotFound as err:
        raise AirflowException(_not_found(environment, name)) from err


def _not_found(environment: jinja2.Environment, name: str) -> str:
    places = ", ".join(getattr(environment.loader, "searchpath", ())) or "no folder"
    return (
        f"template file {name!r} not found in {places}; "
        "put it beside the DAG file or name its folder in template_searchpath; a space at the end makes it plain text"
    )
