"""Base classes that plugins and secrets backends derive from. `plugin_names` serves a plugin's operators, sensors,
hooks and macros; what it would add to Airflow's web pages, listeners and secrets lookup has no meaning here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar


class AirflowPlugin:
    name: str | None = None
    source: Any = None
    operators: ClassVar[list[Any]] = []
    sensors: ClassVar[list[Any]] = []
    hooks: ClassVar[list[Any]] = []
    executors: ClassVar[list[Any]] = []
    macros: ClassVar[list[Any]] = []
    admin_views: ClassVar[list[Any]] = []
    flask_blueprints: ClassVar[list[Any]] = []
    fastapi_apps: ClassVar[list[Any]] = []
    menu_links: ClassVar[list[Any]] = []
    appbuilder_views: ClassVar[list[Any]] = []
    appbuilder_menu_items: ClassVar[list[Any]] = []
    global_operator_extra_links: ClassVar[list[Any]] = []
    operator_extra_links: ClassVar[list[Any]] = []
    timetables: ClassVar[list[Any]] = []
    listeners: ClassVar[list[Any]] = []
    priority_weight_strategies: ClassVar[list[Any]] = []

    @classmethod
    def on_load(cls, *args: Any, **kwargs: Any) -> None:
        """What a plugin does once it is loaded."""


def hookimpl(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Marks a listener's function; listeners are not called here."""
    return function if function is not None else lambda decorated: decorated


class BaseSecretsBackend:
    """Looks secrets up; here the environment and the home answer, and a backend can only be called by its owner."""

    def __init__(self, **kwargs: Any) -> None:
        pass

    @staticmethod
    def build_path(path_prefix: str, secret_id: str, sep: str = "/") -> str:
        return f"{path_prefix}{sep}{secret_id}"

    def get_conn_value(self, conn_id: str, *args: Any) -> str | None:
        raise NotImplementedError

    def get_variable(self, key: str, *args: Any) -> str | None:
        raise NotImplementedError

    def get_config(self, key: str) -> str | None:
        return None
