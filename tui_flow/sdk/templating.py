"""Jinja for templates: a sandbox in which undefined names fail, Airflow's filters, compiled templates kept.

Rendered once: what a template puts out is data, never a template again. `jinja2` is loaded with the first one.
"""

from __future__ import annotations

import os
import shlex
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from tui_flow.sdk.exceptions import AirflowException

if TYPE_CHECKING:
    import jinja2

MAX_RENDERED_CHARS = 1024 * 1024


def ds_filter(value: datetime | None) -> str | None:
    return None if value is None else value.strftime("%Y-%m-%d")


def ds_nodash_filter(value: datetime | None) -> str | None:
    return None if value is None else value.strftime("%Y%m%d")


def ts_filter(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def ts_nodash_filter(value: datetime | None) -> str | None:
    return None if value is None else value.strftime("%Y%m%dT%H%M%S")


def ts_nodash_with_tz_filter(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat().replace("-", "").replace(":", "")


def sh_filter(value: object) -> str:
    """Quoted as one word for a shell: `echo {{ params.name | sh }}`."""
    return shlex.quote(str(value))


FILTERS: dict[str, Callable[[Any], Any]] = {
    "ds": ds_filter,
    "ds_nodash": ds_nodash_filter,
    "ts": ts_filter,
    "ts_nodash": ts_nodash_filter,
    "ts_nodash_with_tz": ts_nodash_with_tz_filter,
    "sh": sh_filter,
}


@cache
def _environment_class(native: bool) -> type[jinja2.Environment]:
    from jinja2.nativetypes import NativeEnvironment
    from jinja2.sandbox import SandboxedEnvironment, is_internal_attribute

    class Sandbox(SandboxedEnvironment):
        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            return not is_internal_attribute(obj, attr)

    class NativeSandbox(Sandbox, NativeEnvironment):
        pass

    return NativeSandbox if native else Sandbox


def create_environment(
    *,
    searchpath: Sequence[str] = (),
    undefined: type[jinja2.Undefined] | None = None,
    macros: Mapping[str, Any] | None = None,
    filters: Mapping[str, Callable[..., Any]] | None = None,
    options: Mapping[str, Any] | None = None,
    native: bool = False,
) -> jinja2.Environment:
    """An environment for one DAG; `options` are `jinja_environment_kwargs`."""
    import jinja2

    settings: dict[str, Any] = {
        "loader": jinja2.FileSystemLoader([os.fspath(path) for path in searchpath]),
        "undefined": undefined or jinja2.StrictUndefined,
        "extensions": ["jinja2.ext.do"],
        "cache_size": 1000,
        **(options or {}),
    }
    environment = _environment_class(native)(**settings)
    environment.filters.update(FILTERS)
    environment.filters.update(filters or {})
    environment.globals.update(macros or {})
    environment._tui_flow_texts = {}  # type: ignore[attr-defined]
    return environment


def compiled(environment: jinja2.Environment, text: str) -> jinja2.Template:
    """The template of `text`, compiled once for each environment."""
    texts: dict[str, jinja2.Template] | None = getattr(environment, "_tui_flow_texts", None)
    if texts is None:
        return environment.from_string(text)
    template = texts.get(text)
    if template is None:
        template = texts[text] = environment.from_string(text)
    return template


def has_markup(text: str) -> bool:
    """Whether there may be anything to render; settings of other delimiters are not seen here."""
    return "{{" in text or "{%" in text or "{#" in text


def render(template: jinja2.Template, context: Mapping[str, Any]) -> Any:
    """The template's output; lazy values of the context are made only when it names them."""
    environment = template.environment
    lookups: Any = (context, environment.globals)
    names: Any = ChainMap(*lookups)
    try:
        jinja_context = template.new_context(names, shared=True)
        result = environment.concat(template.root_render_func(jinja_context))
    except Exception:
        environment.handle_exception()
    if isinstance(result, str) and len(result) > MAX_RENDERED_CHARS:
        raise AirflowException(
            f"a template gave {len(result):,} characters, over the limit of {MAX_RENDERED_CHARS:,}; pass a path instead"
        )
    return result


def render_text(environment: jinja2.Environment, text: str, context: Mapping[str, Any]) -> Any:
    return render(compiled(environment, text), context)
