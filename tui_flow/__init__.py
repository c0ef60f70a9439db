"""tuiflow: workflows as Python files, run on one machine. `from tui_flow import DAG, task` is how one begins.

Each name is imported when it is first used: the command line starts without what only DAG files need. Type checkers
read `__init__.pyi`.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_EXPORTS = {
    "operators.bash": "BashOperator",
    "operators.bash_sensor": "BashSensor",
    "operators.branch": "BranchDateTimeOperator BranchDayOfWeekOperator",
    "operators.date_time_sensor": "DateTimeSensor DateTimeSensorAsync",
    "operators.docker": "DockerOperator",
    "operators.email": "EmailOperator",
    "operators.empty": "EmptyOperator",
    "operators.external_states": "DagStateTrigger WorkflowTrigger",
    "operators.external_task_sensor": "ExternalTaskMarker ExternalTaskSensor",
    "operators.file_transfer": "FileTransferOperator",
    "operators.filesystem_sensor": "FileSensor",
    "operators.generic_transfer": "GenericTransfer",
    "operators.http": "HttpOperator",
    "operators.http_sensor": "HttpSensor",
    "operators.hitl": "ApprovalOperator HITLBranchOperator HITLEntryOperator HITLOperator",
    "operators.latest_only": "LatestOnlyOperator",
    "operators.object_storage": "ObjectStoragePath",
    "operators.python": "BranchPythonOperator PythonOperator ShortCircuitOperator",
    "operators.python_external": "BranchExternalPythonOperator ExternalPythonOperator",
    "operators.python_sensor": "PythonSensor",
    "operators.python_virtualenv": "BranchPythonVirtualenvOperator PythonVirtualenvOperator",
    "operators.sftp": "SFTPOperator",
    "operators.sftp_sensor": "SFTPSensor",
    "operators.smtp_hook": "send_email",
    "operators.smtp_notifier": "SmtpNotifier",
    "operators.sql": "SQLExecuteQueryOperator SqliteOperator",
    "operators.sql_branch": "BranchSQLOperator",
    "operators.sql_checks": "SQLCheckOperator SQLIntervalCheckOperator SQLThresholdCheckOperator SQLValueCheckOperator",
    "operators.sql_sensor": "SqlSensor",
    "operators.sql_table_checks": "SQLColumnCheckOperator SQLTableCheckOperator",
    "operators.ssh": "SSHOperator",
    "operators.time_delta_sensor": "TimeDeltaSensor TimeDeltaSensorAsync WaitSensor",
    "operators.time_sensor": "TimeSensor TimeSensorAsync",
    "operators.trigger_dagrun": "TriggerDagRunOperator",
    "operators.trigger_file": "FileTrigger",
    "operators.trigger_testing": "FailureTrigger SuccessTrigger",
    "operators.trigger_time": "DateTimeTrigger TimeDeltaTrigger",
    "operators.weekday_sensor": "DayOfWeekSensor",
    "sdk.asset": "Asset AssetAlias AssetAll AssetAny Dataset",
    "sdk.asset_decorator": "asset",
    "sdk.asset_watcher": "AssetWatcher",
    "sdk.branch": "BaseBranchOperator BranchMixIn SkipMixin",
    "sdk.connection": "Connection",
    "sdk.context": "Context get_current_context get_parsing_context",
    "sdk.dag": "DAG",
    "sdk.dag_decorator": "dag",
    "sdk.decorators": "setup task teardown",
    "sdk.deadline": "AsyncCallback DeadlineAlert DeadlineReference SyncCallback",
    "sdk.edges": "EdgeModifier Label chain chain_linear cross_downstream",
    "sdk.exceptions": "AirflowException AirflowFailException AirflowNotFoundException AirflowSensorTimeout"
    " AirflowSkipException AirflowTaskTimeout",
    "sdk.hook": "BaseHook",
    "sdk.human_input": "HITLTrigger",
    "masking": "mask_secret redact",
    "sdk.notifier": "BaseNotifier",
    "sdk.operator": "BaseOperator",
    "sdk.outlet_events": "Metadata",
    "sdk.operator_link": "BaseOperatorLink",
    "sdk.param": "Param ParamsDict",
    "sdk.priority_strategy": "PriorityWeightStrategy",
    "sdk.retry_policy": "ExceptionRetryPolicy RetryAction RetryDecision RetryPolicy RetryRule",
    "sdk.sensor": "BaseSensorOperator PokeReturnValue",
    "sdk.task_group_decorator": "task_group",
    "sdk.taskgroup": "TaskGroup",
    "sdk.trigger": "BaseEventTrigger BaseTrigger StartTriggerArgs TaskFailedEvent TaskSkippedEvent TaskSuccessEvent"
    " TriggerEvent",
    "sdk.templater": "literal",
    "sdk.timetable": "DagRunInfo DataInterval TimeRestriction Timetable",
    "sdk.variable": "Variable",
    "sdk.xcom_arg": "XComArg",
    "state": "RunState TaskState TriggerRule WeightRule",
    "timetables": "AssetOrTimeSchedule CronDataIntervalTimetable CronTimetable CronTriggerTimetable"
    " DeltaDataIntervalTimetable DeltaTimetable DeltaTriggerTimetable EventsTimetable MultipleCronTriggerTimetable"
    " every",
}
_MODULE_OF = {name: f"tui_flow.{module}" for module, names in _EXPORTS.items() for name in names.split()}
_MODULES = {name: f"tui_flow.sdk.{name}" for name in ("macros", "timezone")}
__all__ = [*_MODULE_OF, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        value = getattr(importlib.import_module(_MODULE_OF[name]), name)
    elif name in _MODULES:
        value = importlib.import_module(_MODULES[name])
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE_OF, *_MODULES})
