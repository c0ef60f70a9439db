"""Why parts of Airflow that are not written for DAG files are not served; `refusals` puts it in a sentence."""

from __future__ import annotations

_INSIDE = "it is a part of Airflow's own processes, which are not here"
_ROW = (
    "it is a row of Airflow's database, which is not here; read runs and tasks with the tuiflow command line (--json)"
)
_METRICS = "no metrics or traces are sent; airflow.stats can be imported and does nothing"
_OTHER_LANGUAGES = "tasks in other languages are programs: run them with BashOperator"
_LOGS = "logs are files of the home, and what is printed or logged goes there by itself"
_PAGES = "there is no web server; `tuiflow` opens the dashboard"
_USERS = "there are no users; the account on this machine is the only one"
_EXAMPLES = "Airflow's examples are not among what is here; put the file into the DAGs folder"
_SERDE = "XComs are JSON here, and other values are kept as `.docs/language.md` says under XComs"
_FILES = "read and write files by ObjectStoragePath"
_TIMETABLES = "derive from Timetable, or from CronTriggerTimetable and its like in airflow.timetables"

REASONS = {
    "airflow.__main__": "Airflow's commands are not here; see `tuiflow --help`",
    "airflow._shared": _INSIDE,
    "airflow._vendor": _INSIDE,
    "airflow.api_internal": "there is no web API; use the tuiflow command line",
    "airflow.assets.evaluation": _INSIDE,
    "airflow.assets.manager": "write to an asset by a task's outlets, or with `tuiflow assets`",
    "airflow.bin": "Airflow's commands are not here; see `tuiflow --help`",
    "airflow.contrib.auth": _USERS,
    "airflow.contrib.example_dags": _EXAMPLES,
    "airflow.contrib.executors": "executors spread tasks over machines; tuiflow runs them itself ([core] executor)",
    "airflow.contrib.operators.hipchat_operator": "HipChat ended in 2019; post to a webhook with HttpOperator",
    "airflow.contrib.secrets": "secrets backends are not asked; AIRFLOW_CONN_... and AIRFLOW_VAR_... in the "
    "environment are, and what `tuiflow import airflow` brings over",
    "airflow.contrib.task_runner": _INSIDE,
    "airflow.dag": _INSIDE,
    "airflow.datasets.manager": "write to a dataset by a task's outlets, or with `tuiflow assets`",
    "airflow.default_login": _USERS,
    "airflow.example_dags": _EXAMPLES,
    "airflow.io": _FILES,
    "airflow.lineage.backend": "lineage is sent nowhere; a task's inlets and outlets are shown by `tuiflow assets`",
    "airflow.lineage.datasets": "lineage is sent nowhere; File and Table are in airflow.lineage.entities",
    "airflow.listeners": "listeners are not called; use callbacks, or a notifier",
    "airflow.logging": _LOGS,
    "airflow.metrics": _METRICS,
    "airflow.observability": _METRICS,
    "airflow.providers.standard.decorators.stub": _OTHER_LANGUAGES,
    "airflow.providers.standard.example_dags": _EXAMPLES,
    "airflow.providers.standard.get_provider_info": "`tuiflow providers` lists what is installed",
    "airflow.providers.standard.models": _ROW,
    "airflow.providers.standard.utils.openlineage": "lineage is sent nowhere",
    "airflow.providers.standard.utils.sensor_helper": _ROW,
    "airflow.sdk._shared": _INSIDE,
    "airflow.sdk.coordinators": _OTHER_LANGUAGES,
    "airflow.sdk.crypto": "secrets of the home are sealed by tuiflow itself; `tuiflow connections` and `variables`",
    "airflow.sdk.definitions.operator_resources": "all tasks share this machine; use a pool",
    "airflow.sdk.definitions.timetables": _TIMETABLES,
    "airflow.sdk.io": _FILES,
    "airflow.sdk.listener": "listeners are not called; use callbacks, or a notifier",
    "airflow.sdk.observability": _METRICS,
    "airflow.sdk.serde": _SERDE,
    "airflow.state": "the state of tasks and assets is in the home; in a task it is reached by the context",
    "airflow.templates": "a DAG's templates are rendered by dag.get_template_env(), which can be imported from nowhere",
    "airflow.timetables": _TIMETABLES,
    "airflow.traces": _METRICS,
    "airflow.triggers.callback": "deadline callbacks are run by the scheduler; give them to DeadlineAlert",
    "airflow.triggers.shared_stream": "each trigger polls for itself; shared_stream_key has no effect",
    "airflow.utils.airflow_flask_app": _PAGES,
    "airflow.utils.code_utils": "inspect.getsource does the same",
    "airflow.utils.dag_processing": "the scheduler parses DAG files itself; `tuiflow check` does it by hand",
    "airflow.utils.docs": "there is no documentation of Airflow's to lead to",
    "airflow.utils.entry_points": "importlib.metadata.entry_points does the same",
    "airflow.utils.jwt_signer": _PAGES,
    "airflow.utils.operator_resources": "all tasks share this machine; use a pool",
    "airflow.utils.sensor_helper": _ROW,
    "airflow.utils.serve_logs": _LOGS,
    "airflow.utils.span_status": _METRICS,
    "airflow.utils.tests": "pytest.importorskip does what skipUnlessImported did",
    "airflow.www_rbac": _PAGES,
}
_ROWS = (
    "asset_state_store backfill base callback chart connection_test dag_favorite dag_version dagbundle"
    " db_callback_request deadline deadline_alert hitl hitl_history knownevent kubernetes referencemixin revoked_token"
    " task_state_store taskinstancehistory tasklog taskmap team user"
)
_UTILITIES = (
    "asciiart configuration dag_edges dag_version_inflation_checker db_cleanup db_manager empty_set event_scheduler"
    " memray_utils orm_event_handlers providers_configuration_loader pydantic scheduler_health singleton"
    " task_instance_session thread_safe_dict warnings"
)
REASONS |= {f"airflow.models.{name}": _ROW for name in _ROWS.split()}
REASONS |= {f"airflow.utils.{name}": _INSIDE for name in _UTILITIES.split()}
