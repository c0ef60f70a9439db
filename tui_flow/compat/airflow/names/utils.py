"""`airflow.utils`."""

from __future__ import annotations

_STATES = {
    "compat.airflow.state_names": "State",
    "state": "TaskInstanceState=TaskState DagRunState=RunState JobState=TaskState",
}

MODULES = {
    "airflow.utils.dates": {
        "compat.airflow.dates": "days_ago cron_presets date_range round_time parse_execution_date infer_time_unit"
        " scale_time_units"
    },
    "airflow.utils.email": {
        "operators.smtp_hook": "get_email_address_list=email_addresses send_email send_email_smtp",
        "compat.airflow.mail": "build_mime_message",
    },
    "airflow.utils.python_virtualenv": {"compat.airflow.python_script": "remove_task_decorator write_python_script"},
    "airflow.utils.mixins": {"sdk.xcom_arg": "ResolveMixin"},
    "airflow.utils.compression": {"compat.airflow.compression": "uncompress_file"},
    "airflow.utils.timezone": "airflow.sdk.timezone",
    "airflow.utils.task_group": {
        "sdk.taskgroup": "TaskGroup",
        "sdk.task_group_decorator": "MappedTaskGroup",
        "sdk.current": "TaskGroupContext",
    },
    "airflow.utils.trigger_rule": {"state": "TriggerRule"},
    "airflow.utils.weight_rule": {"state": "WeightRule"},
    "airflow.utils.edgemodifier": {"sdk.edges": "EdgeModifier Label"},
    "airflow.utils.state": _STATES,
    "airflow.utils.types": {"state": "DagRunType=RunType", "sdk.xcom_arg": "NOTSET ArgNotSet"},
    "airflow.utils.session": {"compat.airflow.database": "provide_session create_session NEW_SESSION"},
    "airflow.utils.db": {"compat.airflow.database": "provide_session create_session"},
    "airflow.utils.context": {"sdk.context": "Context", "compat.airflow.helpers": "context_merge"},
    "airflow.utils.log.logging_mixin": {"compat.airflow.logging_mixin": "LoggingMixin"},
    "airflow.utils.log.secrets_masker": {"masking": "mask_secret redact SecretsMasker"},
    "airflow.utils.xcom": {"sdk.xcom": "XCOM_RETURN_KEY"},
    "airflow.utils.setup_teardown": {"sdk.setup_teardown": "SetupTeardownContext"},
    "airflow.utils.helpers": {
        "compat.airflow.helpers": "chunks merge_dicts validate_key exactly_one at_most_one prune_dict as_tuple"
        " as_flattened_list is_container convert_camel_to_snake partition reduce_in_chunks",
        "sdk.edges": "chain cross_downstream",
    },
    "airflow.utils.net": {"compat.airflow.helpers": "get_hostname get_host_ip_address"},
    "airflow.utils.weekday": {"operators.weekday": "WeekDay"},
    "airflow.utils.dag_parsing_context": {"sdk.context": "get_parsing_context AirflowParsingContext=ParsingContext"},
    "airflow.utils.module_loading": {
        "compat.airflow.helpers": "import_string qualname is_valid_dotpath iter_namespace"
    },
    "airflow.utils.decorators": {
        "compat.airflow.helpers": "apply_defaults",
        "compat.airflow.python_script": "remove_task_decorator",
    },
    "airflow.utils.operator_helpers": {
        "sdk.context_env": "context_to_airflow_vars=context_to_env",
        "compat.airflow.variable_names": "AIRFLOW_VAR_NAME_FORMAT_MAPPING DEFAULT_FORMAT_PREFIX ENV_VAR_FORMAT_PREFIX",
        "sdk.callables": "determine_kwargs",
        "compat.airflow.helpers": "KeywordParameters make_kwargs_callable",
    },
    "airflow.utils.process_utils": {
        "compat.airflow.process_utils": "execute_in_subprocess execute_in_subprocess_with_kwargs patch_environ"
    },
    "airflow.utils.platform": {"compat.airflow.process_utils": "getuser"},
    "airflow.utils.timeout": {"compat.airflow.process_utils": "timeout"},
    "airflow.utils.file": {
        "compat.airflow.process_utils": "TemporaryDirectory mkdirs",
        "compat.airflow.compression": "correct_maybe_zipped open_maybe_zipped",
    },
    "airflow.utils.strings": {"compat.airflow.helpers": "get_random_string to_boolean"},
    "airflow.utils.hashlib_wrapper": {"compat.airflow.helpers": "md5"},
    "airflow.utils.deprecation_tools": {"compat.airflow.moved_names": "DeprecatedImportWarning add_deprecated_classes"},
    "airflow.utils.json": {"compat.airflow.json_names": "AirflowJsonEncoder WebEncoder"},
    "airflow.utils.yaml": {"compat.airflow.yaml_names": "*"},
    "airflow.utils.template": {"sdk.templater": "literal LiteralValue"},
}
