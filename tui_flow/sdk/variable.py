"""`Variable`: values of the home by key, the environment first (`AIRFLOW_VAR_<KEY>`, `TUIFLOW_VAR_<KEY>`)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from tui_flow.masking import is_sensitive_name, mask_secret
from tui_flow.sdk.backend import current_backend, has_backend
from tui_flow.sdk.exceptions import AirflowNotFoundException
from tui_flow.sdk.xcom_arg import NOTSET

ENV_PREFIXES = ("AIRFLOW_VAR_", "TUIFLOW_VAR_")


class Variable:
    """All methods are class methods; there are no instances to keep."""

    @classmethod
    def get(cls, key: str, default: Any = NOTSET, deserialize_json: bool = False, *, default_var: Any = NOTSET) -> Any:
        """The value, or the default. Raises KeyError when there is neither."""
        text = cls._lookup(key)
        if text is not None:
            if is_sensitive_name(key):
                mask_secret(text)
            return cls._loaded(key, text) if deserialize_json else text
        fallback = default if default is not NOTSET else default_var
        if fallback is NOTSET:
            raise VariableNotFound(
                f"variable {key!r} does not exist; `tuiflow variables set {key} VALUE` makes it, or set "
                f"{ENV_PREFIXES[1]}{key.upper()}, or give a default"
            )
        return fallback

    @staticmethod
    def _lookup(key: str) -> str | None:
        for prefix in ENV_PREFIXES:
            if (text := os.environ.get(prefix + key.upper())) is not None:
                return text
        if not has_backend():
            raise VariableNotFound(
                f"variable {key!r} is not in the environment, and those of the home can only be had inside a running "
                f"task; set {ENV_PREFIXES[1]}{key.upper()}, or use it in a template or in a task"
            )
        return current_backend().get_variable(key)

    @staticmethod
    def _loaded(key: str, text: str) -> Any:
        try:
            value = json.loads(text)
        except ValueError as err:
            raise ValueError(f"variable {key!r} is not JSON: {err}") from err
        mask_secret(value, key)
        return value

    @staticmethod
    def set(key: str, value: Any, description: str | None = None, serialize_json: bool = False) -> None:
        """Keep a value; with `serialize_json` as JSON, else as text."""
        text = json.dumps(value, indent=2) if serialize_json else str(value)
        if is_sensitive_name(key):
            mask_secret(text)
        current_backend(f"variable {key!r}").set_variable(key, text, description)

    @classmethod
    def setdefault(cls, key: str, default: Any, description: str | None = None, deserialize_json: bool = False) -> Any:
        """The value; the default, kept from now on, when there is none."""
        found = cls.get(key, default=None, deserialize_json=deserialize_json)
        if found is not None:
            return found
        if default is None:
            raise ValueError("Default Value must be set")
        cls.set(key, default, description, serialize_json=deserialize_json)
        return default

    @classmethod
    def update(cls, key: str, value: Any, serialize_json: bool = False) -> None:
        """Change the value of a variable that exists. Raises KeyError."""
        cls.get(key)
        cls.set(key, value, serialize_json=serialize_json)

    @staticmethod
    def delete(key: str) -> None:
        current_backend(f"variable {key!r}").delete_variable(key)

    @staticmethod
    def keys(prefix: str = "") -> Sequence[str]:
        """Keys in the home that begin with `prefix`, sorted; those of the environment are not listed."""
        return current_backend("the list of variables").variable_keys(prefix)


class VariableNotFound(AirflowNotFoundException, KeyError):
    """No variable of that key."""

    def __str__(self) -> str:
        return str(self.args[0])
