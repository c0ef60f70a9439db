"""Why an Airflow module or name is not served, and what to use instead."""

from __future__ import annotations

import re

from tui_flow.compat.airflow.inner_parts import REASONS
from tui_flow.compat.airflow.names import moved_names


class AirflowImportError(ModuleNotFoundError):
    """An import of Airflow's that tuiflow does not answer; an ImportError to code that tries several."""


ONE_MACHINE = {
    "airflow.executors": "executors spread tasks over machines; tuiflow runs them itself ([core] executor)",
    "airflow.jobs": "tuiflow has no job processes; `tuiflow status` shows the scheduler",
    "airflow.api": "there is no web API; use the tuiflow command line",
    "airflow.api_connexion": "there is no web API; use the tuiflow command line",
    "airflow.api_fastapi": "there is no web API; use the tuiflow command line",
    "airflow.www": "there is no web server; `tuiflow` opens the dashboard",
    "airflow.auth": "there are no users; the account on this machine is the only one",
    "airflow.security": "there are no users; the account on this machine is the only one",
    "airflow.cli": "Airflow's commands are not here; see `tuiflow --help`",
    "airflow.kubernetes": "it needs a Kubernetes cluster, which is not one machine",
    "airflow.dag_processing": "the scheduler parses DAG files itself; `tuiflow check` does it by hand",
    "airflow.serialization": "tuiflow keeps DAGs in a form of its own",
    "airflow.migrations": "tuiflow has a database of its own; see `tuiflow db --help`",
    "airflow.partition_mappers": "asset partitions are not supported; schedule on assets or on time",
    "airflow.sdk.definitions.partition_mappers": "asset partitions are not supported; schedule on assets or on time",
    "airflow.providers.cncf": "it needs a Kubernetes cluster, which is not one machine; where there is one, install "
    "apache-airflow-providers-cncf-kubernetes (pip install --no-deps, then what it needs)",
    "airflow.providers.celery": "it spreads tasks over machines; tuiflow runs them itself ([core] executor)",
    "airflow.providers.edge3": "it spreads tasks over machines; tuiflow runs them itself ([core] executor)",
    "airflow.providers.fab": "there are no users; the account on this machine is the only one",
    "airflow.operators.subdag": "SubDagOperator ended with Airflow 2; put the tasks into a TaskGroup instead",
    "airflow.operators.subdag_operator": "SubDagOperator ended with Airflow 2; put the tasks into a TaskGroup instead",
    "airflow.contrib": "it ended with Airflow 1.10; import from airflow.providers instead",
}
_ROW = (
    "it is a row of Airflow's database, which is not here; read runs and tasks with the tuiflow command line (--json)"
)
_BACKENDS = (
    "secrets backends are not asked; AIRFLOW_CONN_... and AIRFLOW_VAR_... in the environment are, and what `tuiflow "
    "import airflow` brings over"
)
_INSIDE = "it is a part of Airflow's own processes, which are not here"
ONE_MACHINE |= {
    "airflow.callbacks": _INSIDE,
    "airflow.config_templates": _INSIDE,
    "airflow.logging_config": "logs are files of the home, and what is printed or logged goes there by itself",
    "airflow.policies": "cluster policies are not asked; change the DAG files",
    "airflow.secrets": _BACKENDS,
    "airflow.sentry": "nothing is sent to Sentry; use on_failure_callback",
    "airflow.task.task_runner": _INSIDE,
    "airflow.ti_deps": "the scheduler decides when a task may run; `tuiflow why` says what one waits for",
    "airflow.sdk.api": _INSIDE,
    "airflow.sdk.execution_time": _INSIDE,
    "airflow.utils.cli": "Airflow's commands are not here; see `tuiflow --help`",
    "airflow.utils.cli_action_loggers": "Airflow's commands are not here; see `tuiflow --help`",
    "airflow.utils.dag_cycle_tester": "`tuiflow check` finds circles",
    "airflow.utils.dot_renderer": "`tuiflow dags show DAG --graph` draws a DAG",
    "airflow.utils.log": "logs are files of the home, and what is printed or logged goes there by itself",
    "airflow.utils.retries": _ROW,
    "airflow.utils.sqlalchemy": _ROW,
}
ONE_MACHINE |= {
    f"airflow.models.{name}": _ROW
    for name in ("crypto", "dagcode", "dagpickle", "dagwarning", "errors", "import_error", "log", "renderedtifields")
}
ONE_MACHINE |= {
    f"airflow.models.{name}": _ROW for name in ("serialized_dag", "slamiss", "taskfail", "taskreschedule", "trigger")
}
_PARTITIONS = (
    "AllowedKeyMapper ChainMapper CronPartitionTimetable FanOutMapper FixedKeyMapper IdentityMapper MinimumCount"
    " PartitionMapper PartitionedAssetTimetable PartitionedAtRuntime ProductMapper RollupMapper StartOfDayMapper"
    " StartOfHourMapper StartOfMonthMapper StartOfQuarterMapper StartOfWeekMapper StartOfYearMapper WaitForAll"
    " DayWindow HourWindow MonthWindow QuarterWindow SegmentWindow WeekWindow Window YearWindow"
)
ONE_MACHINE |= {f"airflow.sdk.{name}": ONE_MACHINE["airflow.partition_mappers"] for name in _PARTITIONS.split()}
ONE_MACHINE["airflow.timetables.trigger.CronPartitionTimetable"] = ONE_MACHINE["airflow.partition_mappers"]
_MOVED: tuple[tuple[str, str], ...] = (
    (r"hive|hcat", "apache-hive"),
    (r"s3|aws|emr|ecs|redshift|sagemaker|athena|sqs|sns|glue|dynamodb|kinesis", "amazon"),
    (
        r"gc[psc]|gcloud|google|bigquery|bigtable|dataproc|dataflow|datastore|datafusion|mlengine|pubsub|spanner|gdrive"
        r"|gsheets?|dlp|vision|translate|cloud_\w+",
        "google",
    ),
    (r"azure|wasb|adls|cosmos\w*", "microsoft-azure"),
    (r"web_?hdfs|hdfs", "apache-hdfs"),
    (r"(cassandra|druid|livy|pig|pinot|spark|sqoop)", "apache-{}"),
    (r"(mssql|winrm)", "microsoft-{}"),
    (r"jira", "atlassian-jira"),
    (
        r"(cloudant|databricks|datadog|dingding|discord|docker|exasol|ftp|grpc|imap|jdbc|jenkins|mongo|mysql|neo4j"
        r"|openfaas|opsgenie|oracle|pagerduty|papermill|postgres|presto|qubole|redis|salesforce|samba|segment|sendgrid"
        r"|slack|snowflake|sqlite|tableau|vertica|yandex|zendesk)",
        "{}",
    ),
)
"""Words in the names of Airflow 1.10's modules, and the provider that took them over; the first that fits."""
_PROVIDER_WITH_SEVERAL_PARTS = ("apache", "atlassian", "common", "microsoft")


def refusal_of(fullname: str) -> str:
    """What to say when a module is imported that nobody has; it may be a name of its parent, too."""
    parts = fullname.split(".")
    if (moved := _moved_module(fullname)) is not None:
        module, place = moved
        return f"{module} is {place} now: {refusal_of(place)}"
    if "kubernetes" in fullname.removeprefix("airflow.contrib") and parts[1] == "contrib":
        return f"{fullname} is not served: {ONE_MACHINE['airflow.kubernetes']}"
    if (package := _moved_to(parts)) is not None:
        return (
            f"{fullname} moved to the package {package}; {_how_to_install(package)} and import from airflow.providers"
        )
    if why := _reason(parts):
        return f"{fullname} is not served: {why}"
    if parts[1] == "providers" and len(parts) > 2:
        return _refuse_provider(fullname, parts)
    parent, _, name = fullname.rpartition(".")
    if parent in ("airflow.operators", "airflow.sensors", "airflow.hooks", "airflow.macros"):
        return (
            f"{fullname} is not served: it is no module of Airflow's, and no plugin in the plugins folder is called "
            f"{name!r} or has that name; a plugin is a class of AirflowPlugin there"
        )
    return (
        f"{fullname} is not served: neither a module of that name nor {name!r} in {parent} is known here; "
        "`.docs/airflow.md` lists what there is"
    )


def _reason(parts: list[str]) -> str | None:
    """Of the module, or of the nearest package above it that has one."""
    for length in range(len(parts), 1, -1):
        module = ".".join(parts[:length])
        if why := ONE_MACHINE.get(module) or REASONS.get(module):
            return why
    return None


def _moved_module(fullname: str) -> tuple[str, str] | None:
    """The module of 1.10 that `fullname` is, or is a name of, and where in a provider it is now."""
    parent, _, name = fullname.rpartition(".")
    for module, wanted in ((fullname, ""), (parent, name)):
        if places := moved_names().get(module):
            named = [place for place, words in places.items() if wanted in re.split("[ =]", words)]
            return module, next(iter([*named, *places]))
    return None


def _moved_to(parts: list[str]) -> str | None:
    """The provider's package that has what a module of 1.10 had; None where its name says none."""
    if parts[1] not in ("contrib", "operators", "sensors", "hooks", "macros") or len(parts) < 3:
        return None
    for pattern, provider in _MOVED:
        if found := re.search(rf"(?:^|_)(?:{pattern})(?:_|$)", parts[-1].lower()):
            return _package(provider.format(*found.groups()))
    return None


def _refuse_provider(fullname: str, parts: list[str]) -> str:
    if parts[2] == "standard":
        return f"{fullname} is not served; `.docs/airflow.md` lists what there is of the standard provider"
    several = parts[2] in _PROVIDER_WITH_SEVERAL_PARTS and len(parts) > 3
    package = _package("-".join(parts[2:4] if several else parts[2:3]))
    return f"{fullname} needs the package {package}; {_how_to_install(package)}"


def _package(provider: str) -> str:
    return f"apache-airflow-providers-{provider}".replace("_", "-")


def _how_to_install(package: str) -> str:
    return f"install it without Airflow (pip install --no-deps {package}, then what it needs)"
