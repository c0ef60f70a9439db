"""`@asset` and `@asset.multi`: a function that makes data, as a DAG of one task with the data as its outlets."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from tui_flow.errors import BadDag
from tui_flow.sdk.asset import Asset, AssetAccessControl, AssetAll, AssetAny, BaseAsset
from tui_flow.sdk.asset_watcher import AssetWatcher
from tui_flow.sdk.backend import current_backend
from tui_flow.sdk.context import CONTEXT_KEYS, Context
from tui_flow.sdk.dag import DAG
from tui_flow.sdk.python import PythonOperator
from tui_flow.spec import Json

Function = Callable[..., Any]


class AssetOperator(PythonOperator):
    """The one task of an `@asset`: its arguments are `self` (the asset), `context`, names of the context, and other
    assets by their names, which become its inlets."""

    custom_operator_name = "@asset"
    own_asset: Asset | None

    def __init__(self, *, own_asset: Asset | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.own_asset = own_asset

    def execute(self, context: Context) -> Any:
        self.op_kwargs = {name: self._value(parameter, context) for name, parameter in self._parameters()}
        return self.finish(self.execute_callable(), context)

    def _parameters(self) -> Iterator[tuple[str, inspect.Parameter]]:
        for name, parameter in inspect.signature(self.python_callable).parameters.items():
            if parameter.default is parameter.empty or name in CONTEXT_KEYS:
                yield name, parameter

    def _value(self, parameter: inspect.Parameter, context: Context) -> Any:
        name = parameter.name
        if name == "self":
            return self.own_asset
        if name == "context":
            return context
        if name in CONTEXT_KEYS:
            return context.get(name)
        found = current_backend(f"asset {name!r}").find_asset(name, None)
        if found is None:
            raise BadDag(f"there is no asset {name!r}, which {self.task_id!r} takes; `tuiflow assets list` shows all")
        return Asset(found["name"], found["uri"], found["group"], found["extra"])


class AssetDefinition(Asset):
    """What a function becomes under `@asset`: the asset, with the DAG that makes it."""

    def __init__(self, function: Function, **facts: Any) -> None:
        super().__init__(**facts)
        self.function = function


class MultiAssetDefinition(BaseAsset):
    """What a function becomes under `@asset.multi`; as a schedule it means all its assets."""

    def __init__(self, function: Function, outlets: Sequence[BaseAsset]) -> None:
        self.function, self.outlets = function, outlets

    def describe(self) -> dict[str, Json]:
        return AssetAll(*self.outlets).describe()


class _MultiAsset:
    """`@asset.multi`: one function that makes several assets."""

    def __init__(self, *, schedule: Any = None, outlets: Collection[BaseAsset], **dag_arguments: Any) -> None:
        if not outlets:
            raise BadDag("@asset.multi needs at least one asset in outlets")
        self._schedule, self._outlets, self._dag_arguments = schedule, list(outlets), dag_arguments

    def __call__(self, function: Function) -> MultiAssetDefinition:
        _make_dag(function, self._outlets, None, self._schedule, self._dag_arguments)
        return MultiAssetDefinition(function, self._outlets)


class asset:  # a decorator
    """`@asset(schedule=...)`: the function's name, or `name`, is the asset's, the DAG's and the task's.

    Further arguments are those of the DAG (`dag_id`, `tags`, `params`, callbacks, ...).
    """

    multi: ClassVar[type[_MultiAsset]] = _MultiAsset

    def __init__(
        self,
        *,
        schedule: Any = None,
        name: str | None = None,
        uri: str | None = None,
        group: str = "asset",
        extra: Mapping[str, Any] | None = None,
        watchers: Sequence[AssetWatcher] = (),
        access_control: AssetAccessControl | None = None,
        **dag_arguments: Any,
    ) -> None:
        self._schedule, self._dag_arguments = schedule, dag_arguments
        self._facts = {
            "name": name,
            "uri": uri,
            "group": group,
            "extra": extra or {},
            "watchers": watchers,
            "access_control": access_control,
        }

    def __call__(self, function: Function) -> AssetDefinition:
        made = AssetDefinition(function, **{**self._facts, "name": self._facts["name"] or function.__name__})
        _make_dag(function, [made], made, self._schedule, {"dag_id": made.name, **self._dag_arguments})
        return made


def _make_dag(
    function: Function,
    outlets: Sequence[BaseAsset],
    own_asset: Asset | None,
    schedule: Any,
    dag_arguments: Mapping[str, Any],
) -> None:
    inlets = [Asset.ref(name=name) for name in _inlet_names(function)]
    given = {"dag_id": function.__name__, "catchup": False, "doc_md": function.__doc__, **dag_arguments}
    with DAG(**{name: value for name, value in given.items() if value is not None}, schedule=schedule) as made:
        made.fileloc = function.__code__.co_filename
        AssetOperator(
            task_id=function.__name__,
            python_callable=function,
            own_asset=own_asset,
            inlets=inlets,
            outlets=[leaf for outlet in outlets for leaf in _leaves(outlet)],
        )


def _inlet_names(function: Function) -> Iterator[str]:
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise BadDag(f"@asset: {function.__name__}() takes {parameter}, but its arguments must be named")
        if parameter.default is parameter.empty and name not in ("self", "context") and name not in CONTEXT_KEYS:
            yield name


def _leaves(outlet: BaseAsset) -> Iterator[BaseAsset]:
    if isinstance(outlet, AssetAll | AssetAny):
        for part in outlet.objects:
            yield from _leaves(part)
    else:
        yield outlet
