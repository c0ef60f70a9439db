"""`Param`, `ParamsDict`: values that a run may be given, each checked by a JSON schema; `DagParam` stands for one."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from tui_flow.json_formats import format_checker
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import ParamValidationError
from tui_flow.sdk.xcom_arg import NOTSET, ResolveMixin

MAX_PARAMS_BYTES = 256 * 1024


class Param:
    """A value with a JSON schema: `Param(5, type="integer", minimum=1)`; without a default it must be given."""

    __version__ = 1

    def __init__(
        self, default: Any = NOTSET, description: str | None = None, source: str | None = None, **kwargs: Any
    ) -> None:
        self.value = default
        self.description = description
        self.source = source
        self.schema: dict[str, Any] = kwargs.pop("schema") if "schema" in kwargs else kwargs

    def resolve(self, value: Any = NOTSET, suppress_exception: bool = False) -> Any:
        """The value (or the default), checked. Raises ParamValidationError; None instead with `suppress_exception`."""
        final = self.value if value is NOTSET else value
        if final is NOTSET:
            if suppress_exception:
                return None
            raise ParamValidationError("No value passed and Param has no default value")
        try:
            _check(final, self.schema)
        except ParamValidationError:
            if suppress_exception:
                return None
            raise
        self.value = final
        return final

    @property
    def has_value(self) -> bool:
        return self.value is not NOTSET

    def to_schema(self) -> dict[str, Any]:
        """Its JSON schema with the description, and the `default` where there is one."""
        schema = dict(self.schema)
        if self.description:
            schema.setdefault("description", self.description)
        if self.has_value:
            schema["default"] = self.value
        return schema

    def dump(self) -> dict[str, Any]:
        return {"value": self.value if self.has_value else None, "schema": self.schema, "description": self.description}

    def __copy__(self) -> Param:
        return Param(self.value, self.description, self.source, schema=self.schema)

    def __deepcopy__(self, memo: dict[int, Any]) -> Param:
        value = self.value if self.value is NOTSET else copy.deepcopy(self.value, memo)
        return Param(value, self.description, self.source, schema=copy.deepcopy(self.schema, memo))

    def __repr__(self) -> str:
        return f"Param({self.value!r}, {self.schema!r})"


def _check(value: Any, schema: Mapping[str, Any]) -> None:
    """Raises ParamValidationError when `value` is not JSON, too large, or fails the schema."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as err:
        raise ParamValidationError(f"param values must be JSON (text, numbers, lists, objects): {err}") from err
    if len(text) > MAX_PARAMS_BYTES:
        raise ParamValidationError(f"a param value of {len(text)} bytes is over the limit of {MAX_PARAMS_BYTES}")
    if not schema:
        return
    import jsonschema  # 60 modules: only where a schema is there to be checked
    from jsonschema.exceptions import best_match
    from jsonschema.validators import validator_for

    try:
        validator_class = validator_for(schema, default=jsonschema.Draft202012Validator)
        validator_class.check_schema(dict(schema))
        error = best_match(validator_class(dict(schema), format_checker=format_checker()).iter_errors(value))
    except jsonschema.SchemaError as err:
        raise ParamValidationError(f"the JSON schema itself is not valid: {err.message}") from err
    if error is not None:
        raise ParamValidationError(error.message)


class ParamsDict(MutableMapping[str, Any]):
    """Params by name; reading one gives its checked value."""

    def __init__(self, dict_obj: Mapping[str, Any] | None = None, suppress_exception: bool = False) -> None:
        self.suppress_exception = suppress_exception
        self._params: dict[str, Param] = {}
        if isinstance(dict_obj, ParamsDict):
            self._params.update(dict_obj._params)
        elif dict_obj:
            for name, value in dict_obj.items():
                self._params[name] = value if isinstance(value, Param) else Param(value)

    def __getitem__(self, name: str) -> Any:
        return self._params[name].resolve(suppress_exception=self.suppress_exception)

    def __setitem__(self, name: str, value: Any) -> None:
        if isinstance(value, Param):
            self._params[name] = value
        elif name not in self._params:
            self._params[name] = Param(value)
        else:
            try:
                self._params[name].resolve(value, suppress_exception=self.suppress_exception)
            except ParamValidationError as err:
                raise ParamValidationError(f"Invalid input for param {name}: {err}") from None

    def __delitem__(self, name: str) -> None:
        del self._params[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)

    def __contains__(self, name: object) -> bool:
        return name in self._params

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ParamsDict):
            return self.dump() == other.dump()
        return self.dump() == other if isinstance(other, dict) else NotImplemented

    def __repr__(self) -> str:
        return f"ParamsDict({self.dump()!r})"

    def get_param(self, name: str) -> Param:
        return self._params[name]

    def params(self) -> Iterator[tuple[str, Param]]:
        """Name and `Param` of each, unchecked."""
        return iter(self._params.items())

    def dump(self) -> dict[str, Any]:
        """Plain values by name, unchecked; None for those without."""
        return {name: param.value if param.has_value else None for name, param in self._params.items()}

    def validate(self) -> dict[str, Any]:
        """All values, checked. Raises ParamValidationError naming the param."""
        checked: dict[str, Any] = {}
        for name, param in self._params.items():
            try:
                checked[name] = param.resolve(suppress_exception=self.suppress_exception)
            except ParamValidationError as err:
                raise ParamValidationError(f"Invalid input for param {name}: {err}") from None
        return checked

    def deep_copy(self) -> ParamsDict:
        """Independent of the original: a task's changes stay in the task."""
        copied = ParamsDict(suppress_exception=self.suppress_exception)
        copied._params = {name: copy.deepcopy(param) for name, param in self._params.items()}
        return copied

    def __deepcopy__(self, memo: dict[int, Any]) -> ParamsDict:
        return self.deep_copy()


def resolve_params(params: Mapping[str, Any], conf: Mapping[str, Any] | None) -> dict[str, Any]:
    """A task's `params` in a run: its own (which include the DAG's) under the run's conf, unknown keys of conf added.

    Raises ParamValidationError naming the param that fails.
    """
    merged = ParamsDict(params).deep_copy()
    for name, value in (conf or {}).items():
        merged[name] = value
    return merged.validate()


class DagParam(ResolveMixin):
    """A DAG's param as an argument: what `dag.param("x")` and the arguments of a `@dag` function are."""

    def __init__(self, current_dag: Any, name: str, default: Any = NOTSET) -> None:
        self._name = name
        if default is not NOTSET:
            current_dag.params[name] = default

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        return iter(())

    def resolve(self, context: Context) -> Any:
        conf: Mapping[str, Any] = context["dag_run"].conf or {}
        if self._name in conf:
            return conf[self._name]
        try:
            return context["params"][self._name]
        except KeyError as err:
            raise ParamValidationError(f"DAG param {self._name!r} has no value: pass it in the run's conf") from err

    def __repr__(self) -> str:
        return f"<DagParam: {self._name}>"
