"""`airflow.sdk`: Airflow 3's authoring interface."""

from __future__ import annotations

_OPERATOR = {
    "sdk.async_operator": "BaseAsyncOperator",
    "sdk.operator": "BaseOperator",
    "sdk.edges": "chain chain_linear cross_downstream",
}
_TIMETABLES = {
    "timetables": "CronDataIntervalTimetable CronTriggerTimetable DeltaDataIntervalTimetable DeltaTriggerTimetable"
    " EventsTimetable MultipleCronTriggerTimetable",
    "timetables.assets": "AssetOrTimeSchedule",
}
_STATES = {"state": "TaskInstanceState=TaskState DagRunState=RunState DagRunType=RunType TriggerRule WeightRule"}
_CONTEXT = {"sdk.context": "Context get_current_context get_parsing_context"}

MODULES = {
    "airflow.sdk": {
        **_OPERATOR,
        **_TIMETABLES,
        **_STATES,
        **_CONTEXT,
        "sdk": "macros",
        "operators.object_storage": "ObjectStoragePath",
        "sdk.asset": "Asset AssetAccessControl AssetAlias AssetAll AssetAny",
        "sdk.asset_decorator": "asset",
        "sdk.asset_watcher": "AssetWatcher",
        "sdk.branch": "BaseBranchOperator BranchMixIn SkipMixin",
        "sdk.connection": "Connection",
        "sdk.dag": "DAG",
        "sdk.dag_decorator": "dag",
        "sdk.deadline": "AsyncCallback DeadlineAlert DeadlineReference SyncCallback",
        "sdk.decorators": "task setup teardown",
        "sdk.edges": "EdgeModifier Label chain chain_linear cross_downstream",
        "sdk.hook": "BaseHook",
        "sdk.notifier": "BaseNotifier",
        "sdk.operator_link": "BaseOperatorLink",
        "sdk.outlet_events": "Metadata",
        "sdk.param": "Param ParamsDict",
        "sdk.retry_policy": "ExceptionRetryPolicy RetryAction RetryDecision RetryPolicy RetryRule",
        "sdk.sensor": "BaseSensorOperator PokeReturnValue",
        "sdk.task_group_decorator": "task_group",
        "sdk.taskgroup": "TaskGroup",
        "sdk.templater": "literal",
        "sdk.variable": "Variable",
        "sdk.xcom_arg": "XComArg",
        "compat.airflow.configuration": "conf",
        "compat.airflow.helpers": "result",
        "compat.airflow.resumable": "ResumableJobMixin",
        "compat.airflow.version": "__version__=VERSION",
        "compat.airflow.xcom": "BaseXCom=XCom",
        "sdk.backend": "TaskInstance=RuntimeTaskInstance",
    },
    "airflow.sdk.bases.operator": _OPERATOR,
    "airflow.sdk.bases.sensor": {"sdk.sensor": "BaseSensorOperator PokeReturnValue poke_mode_only"},
    "airflow.sdk.bases.hook": {"sdk.hook": "BaseHook"},
    "airflow.sdk.bases.resumablejobmixin": {"compat.airflow.resumable": "ResumableJobMixin"},
    "airflow.sdk.bases.notifier": {"sdk.notifier": "BaseNotifier"},
    "airflow.sdk.bases.branch": {"sdk.branch": "BaseBranchOperator BranchMixIn"},
    "airflow.sdk.bases.skipmixin": {"sdk.branch": "SkipMixin"},
    "airflow.sdk.bases.decorator": {
        "sdk.decorated": "DecoratedOperator DecoratedMappedOperator TaskDecorator get_unique_task_id"
        " task_decorator_factory",
        "sdk.callables": "determine_kwargs is_async_callable",
        "compat.airflow.helpers": "KeywordParameters",
    },
    "airflow.sdk.bases.xcom": {"compat.airflow.xcom": "BaseXCom=XCom"},
    "airflow.sdk.bases.trigger": "airflow.triggers.base",
    "airflow.sdk.bases.operatorlink": {"sdk.operator_link": "BaseOperatorLink"},
    "airflow.sdk.bases.timetable": {"sdk.timetable": "BaseTimetable=Timetable"},
    "airflow.sdk.bases.secrets_backend": "airflow.secrets",
    "airflow.sdk.definitions.dag": {"sdk.dag": "DAG", "sdk.dag_decorator": "dag"},
    "airflow.sdk.definitions.context": {**_CONTEXT, "compat.airflow.helpers": "context_merge"},
    "airflow.sdk.definitions.asset": {
        "sdk.asset": "Asset AssetAlias AssetAll AssetAny AssetNameRef AssetRef AssetUniqueKey AssetUriRef BaseAsset"
        " Dataset",
        "sdk.asset_watcher": "AssetWatcher",
    },
    "airflow.sdk.definitions.asset.metadata": {"sdk.outlet_events": "Metadata"},
    "airflow.sdk.definitions.asset.access_control": {"sdk.asset": "AssetAccessControl"},
    "airflow.sdk.definitions.asset.decorators": {"sdk.asset_decorator": "asset"},
    "airflow.sdk.definitions.param": {"sdk.param": "Param ParamsDict DagParam"},
    "airflow.sdk.definitions.retry_policy": {"sdk.retry_policy": "*"},
    "airflow.sdk.definitions.taskgroup": {"sdk.taskgroup": "TaskGroup"},
    "airflow.sdk.definitions.xcom_arg": {"sdk.xcom_arg": "XComArg PlainXComArg MapXComArg ZipXComArg ConcatXComArg"},
    "airflow.sdk.definitions.deadline": {
        "sdk.deadline": "AsyncCallback BaseDeadlineReference DeadlineAlert DeadlineReference SyncCallback"
    },
    "airflow.sdk.definitions.callback": {"sdk.deadline": "AsyncCallback Callback SyncCallback"},
    "airflow.sdk.definitions.decorators": {
        "sdk.decorators": "task setup teardown",
        "sdk.dag_decorator": "dag",
        "sdk.task_group_decorator": "task_group",
        "sdk.decorated": "TaskDecorator",
    },
    "airflow.sdk.definitions.decorators.condition": {"sdk.conditions": "run_if skip_if"},
    "airflow.sdk.definitions.edges": {"sdk.edges": "EdgeModifier Label DependencyMixin"},
    "airflow.sdk.definitions.mappedoperator": {"sdk.operator": "MappedOperator"},
    "airflow.sdk.definitions.template": {"sdk.templater": "literal LiteralValue Templater"},
    "airflow.sdk.definitions.variable": {"sdk.variable": "Variable"},
    "airflow.sdk.definitions.connection": {"sdk.connection": "Connection"},
    "airflow.sdk.definitions.timetables.interval": "airflow.timetables.interval",
    "airflow.sdk.definitions.timetables.trigger": "airflow.timetables.trigger",
    "airflow.sdk.definitions.timetables.assets": "airflow.timetables.assets",
    "airflow.sdk.definitions.timetables.simple": "airflow.timetables.simple",
    "airflow.sdk.definitions.timetables.events": "airflow.timetables.events",
    "airflow.sdk.definitions._internal.abstractoperator": {"sdk.node": "AbstractOperator"},
    "airflow.sdk.definitions._internal.node": {"sdk.node": "DAGNode"},
    "airflow.sdk.definitions._internal.types": {
        "sdk.xcom_arg": "NOTSET SET_DURING_EXECUTION=NOTSET ArgNotSet is_arg_set"
    },
    "airflow.sdk.definitions._internal.templater": {"sdk.templater": "Templater LiteralValue"},
    "airflow.sdk.definitions._internal.decorators": {"compat.airflow.python_script": "remove_task_decorator"},
    "airflow.sdk.definitions._internal.expandinput": "airflow.models.expandinput",
    "airflow.sdk.definitions._internal.mixins": {"sdk.edges": "DependencyMixin", "sdk.xcom_arg": "ResolveMixin"},
    "airflow.sdk.definitions.decorators.setup_teardown": "airflow.decorators.setup_teardown",
    "airflow.sdk.definitions.decorators.task_group": "airflow.decorators.task_group",
    "airflow.sdk.io.store": {"operators.storage_options": "attach"},
    "airflow.sdk.yaml": "airflow.utils.yaml",
    "airflow.sdk.definitions._internal.setup_teardown": "airflow.utils.setup_teardown",
    "airflow.sdk.definitions._internal.dag_parsing_context": {"sdk.context": "get_parsing_context"},
    "airflow.sdk.definitions._internal.contextmanager": {"sdk.current": "DagContext TaskGroupContext"},
    "airflow.sdk.definitions._internal.logging_mixin": "airflow.utils.log.logging_mixin",
    "airflow.sdk.exceptions": {
        "sdk.exceptions": "*",
        "compat.airflow.old_exceptions": "AirflowSecretsBackendAccessDenied AirflowTimetableInvalid NodeNotFound"
        " RemovedInAirflow4Warning TaskAlreadyInTaskGroup TaskAlreadyRunningError",
    },
    "airflow.sdk.timezone": {
        "sdk.timezone": "coerce_datetime convert_to_utc datetime is_localized is_naive make_aware make_naive parse utc"
        " utcnow",
        "compat.airflow.timezones": "from_timestamp local_timezone parse_timezone utc_epoch",
    },
    "airflow.sdk.types": {
        "sdk.xcom_arg": "NOTSET",
        "sdk.backend": "RuntimeTaskInstanceProtocol=RuntimeTaskInstance TaskInstance=RuntimeTaskInstance",
        "sdk.dag_run": "DagRunProtocol=DagRunView DagRun=DagRunView",
        "sdk.node": "Operator=AbstractOperator",
    },
    "airflow.sdk.execution_time.context": {
        "sdk.context_env": "context_to_airflow_vars=context_to_env",
        "sdk.context": "get_current_context",
        "compat.airflow.variable_names": "AIRFLOW_VAR_NAME_FORMAT_MAPPING DEFAULT_FORMAT_PREFIX ENV_VAR_FORMAT_PREFIX",
        "sdk.state_store": "NEVER_EXPIRE AssetStateStoreAccessor=AssetStateStore"
        " AssetStateStoreAccessors=AssetStateStores TaskStateStoreAccessor=TaskStateStore",
    },
    "airflow.sdk.io": {"operators.object_storage": "ObjectStoragePath", "operators.storage_options": "attach"},
    "airflow.sdk.io.path": {"operators.object_storage": "ObjectStoragePath"},
    "airflow.io": "airflow.sdk.io",
    "airflow.io.path": "airflow.sdk.io.path",
    "airflow.io.store": "airflow.sdk.io.store",
    "airflow.sdk.execution_time.macros": {"sdk.macros": "*"},
    "airflow.sdk.execution_time.xcom": {"compat.airflow.xcom": "XCom"},
    "airflow.sdk.execution_time.task_runner": {"sdk.backend": "RuntimeTaskInstance"},
    "airflow.sdk.execution_time.secrets_masker": {"masking": "mask_secret redact SecretsMasker"},
    "airflow.sdk.execution_time.timeout": {"compat.airflow.process_utils": "timeout"},
    "airflow.sdk.lineage": "airflow.lineage.hook",
    "airflow.sdk.log": {"masking": "mask_secret redact"},
    "airflow.sdk.configuration": {"compat.airflow.configuration": "conf"},
    "airflow.sdk.providers_manager_runtime": {
        "compat.airflow.provider_registry": "ProvidersManagerTaskRuntime=ProvidersManager"
    },
    "airflow.sdk.module_loading": "airflow.utils.module_loading",
    "airflow.sdk.plugins_manager": "airflow.plugins_manager",
    "airflow.sdk.observability.stats": "airflow.stats",
    "airflow.sdk.api.datamodels._generated": _STATES,
    "airflow.sdk.state": _STATES,
}
