"""`airflow` itself and the modules right below it."""

from __future__ import annotations

MODULES = {
    "airflow": {
        "sdk.dag": "DAG",
        "sdk.asset": "Asset Dataset",
        "sdk.xcom_arg": "XComArg",
        "sdk.exceptions": "AirflowException",
        "compat.airflow.version": "__version__=VERSION",
    },
    "airflow.version": {"compat.airflow.version": "version=VERSION"},
    "airflow.exceptions": {
        "sdk.exceptions": "*",
        "compat.airflow.old_exceptions": "*",
    },
    "airflow.configuration": {
        "compat.airflow.configuration": "conf AirflowConfigParser AirflowConfigException get getboolean getfloat getint"
        " getsection has_option get_airflow_home",
        "compat.airflow.settings": "AIRFLOW_HOME",
    },
    "airflow.settings": {
        "compat.airflow.settings": "TIMEZONE AIRFLOW_HOME DAGS_FOLDER PLUGINS_FOLDER pod_mutation_hook"
        " _ENABLE_AIP_44 _ENABLE_AIP_52",
        "compat.airflow.database": "Session engine configure_orm",
    },
    "airflow.macros": {"sdk.macros": "*"},
    "airflow.notifications": {},
    "airflow.notifications.basenotifier": {"sdk.notifier": "BaseNotifier"},
    "airflow.compat": {},
    "airflow.compat.functools": {"compat.airflow.helpers": "cache cached_property"},
    "airflow.providers_manager": {
        "compat.airflow.provider_registry": "DialectInfo HookInfo ProviderInfo ProvidersManager"
    },
    "airflow.plugins_manager": {"compat.airflow.plugins": "AirflowPlugin"},
    "airflow.listeners": {"compat.airflow.plugins": "hookimpl"},
    "airflow.secrets": {"compat.airflow.plugins": "BaseSecretsBackend"},
    "airflow.secrets.base_secrets": "airflow.secrets",
    "airflow.stats": {"compat.airflow.stats": "Stats"},
    "airflow.observability": {},
    "airflow.observability.stats": "airflow.stats",
    "airflow.lineage": {"compat.airflow.lineage": "AUTO apply_lineage prepare_lineage"},
    "airflow.lineage.hook": {
        "compat.airflow.lineage": "AssetLineageInfo DatasetLineageInfo=AssetLineageInfo HookLineage"
        " HookLineageCollector=NoOpCollector HookLineageReader NoOpCollector get_hook_lineage_collector"
    },
    "airflow.lineage.entities": {"compat.airflow.lineage": "File Table User Tag Column"},
    "airflow.task": {},
    "airflow.task.trigger_rule": {"state": "TriggerRule"},
    "airflow.task.weight_rule": {"state": "WeightRule"},
    "airflow.task.priority_strategy": {"sdk.priority_strategy": "PriorityWeightStrategy"},
    "airflow.triggers": {},
    "airflow.triggers.base": {
        "sdk.trigger": "BaseEventTrigger BaseTrigger StartTriggerArgs TaskFailedEvent TaskSkippedEvent TaskSuccessEvent"
        " TriggerEvent"
    },
    "airflow.triggers.temporal": {"operators.trigger_time": "DateTimeTrigger TimeDeltaTrigger"},
    "airflow.triggers.file": {"operators.trigger_file": "DirectoryFileDeleteTrigger FileDeleteTrigger FileTrigger"},
    "airflow.triggers.external_task": {"operators.external_states": "DagStateTrigger WorkflowTrigger"},
    "airflow.triggers.testing": {"operators.trigger_testing": "FailureTrigger SuccessTrigger"},
    "airflow.www": {},
    "airflow.www.utils": {"compat.airflow.helpers": "get_attr_renderer"},
    "airflow.template": {},
    "airflow.template.templater": {"sdk.templater": "Templater LiteralValue"},
    "airflow.typing_compat": {"compat.airflow.typing_names": "*"},
    "airflow.example_dags": {},
}
