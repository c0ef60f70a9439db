"""Why an Airflow module or name is not served, and what to use instead."""

from __future__ import annotations


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
    "airflow.contrib": "airflow.contrib ended with Airflow 1.10; import from airflow.providers instead",
}
_PARTITIONS = (
    "AllowedKeyMapper ChainMapper CronPartitionTimetable FanOutMapper FixedKeyMapper IdentityMapper MinimumCount"
    " PartitionMapper PartitionedAssetTimetable PartitionedAtRuntime ProductMapper RollupMapper StartOfDayMapper"
    " StartOfHourMapper StartOfMonthMapper StartOfQuarterMapper StartOfWeekMapper StartOfYearMapper WaitForAll"
    " DayWindow HourWindow MonthWindow QuarterWindow SegmentWindow WeekWindow Window YearWindow"
)
ONE_MACHINE |= {f"airflow.sdk.{name}": ONE_MACHINE["airflow.partition_mappers"] for name in _PARTITIONS.split()}
ONE_MACHINE["airflow.sdk.AssetAccessControl"] = "it keeps teams apart, and there are none here; leave it out"
_PROVIDERS = {
    "presto_check_operator": "presto",
    "hive_operator": "apache-hive",
    "hive_hooks": "apache-hive",
    "hive_partition_sensor": "apache-hive",
    "docker_operator": "docker",
    "docker_hook": "docker",
    "pig_operator": "apache-pig",
    "s3_key_sensor": "amazon",
    "s3_key": "amazon",
    "s3_prefix_sensor": "amazon",
    "S3_hook": "amazon",
    "s3_to_hive_operator": "apache-hive",
    "s3_to_redshift_operator": "amazon",
    "redshift_to_s3_operator": "amazon",
    "slack_operator": "slack",
    "slack_hook": "slack",
    "webhdfs_hook": "apache-hdfs",
    "hdfs_hook": "apache-hdfs",
    "hdfs_sensor": "apache-hdfs",
    "web_hdfs_sensor": "apache-hdfs",
    "druid_hook": "apache-druid",
    "mssql_operator": "microsoft-mssql",
    "mssql_hook": "microsoft-mssql",
    "pinot_hook": "apache-pinot",
    "zendesk_hook": "zendesk",
    "papermill_operator": "papermill",
    **{
        f"{system}_{kind}": system
        for system in ("oracle", "jdbc", "presto", "vertica", "samba")
        for kind in ("operator", "hook")
    },
}
"""Airflow 1.10's modules in `operators`, `sensors` and `hooks`, and the provider that took them over."""
_PROVIDER_WITH_SEVERAL_PARTS = ("apache", "atlassian", "common", "microsoft")


def refusal_of(fullname: str) -> str:
    """What to say when a module is imported that nobody has; it may be a name of its parent, too."""
    parts = fullname.split(".")
    for length in range(len(parts), 1, -1):
        if why := ONE_MACHINE.get(".".join(parts[:length])):
            return f"{fullname} is not served: {why}"
    if parts[1] == "providers" and len(parts) > 2:
        return _refuse_provider(fullname, parts)
    if parts[1] in ("operators", "sensors", "hooks") and len(parts) > 2 and parts[2] in _PROVIDERS:
        package = _package(_PROVIDERS[parts[2]])
        return (
            f"{fullname} moved to the package {package}; {_how_to_install(package)} and import from airflow.providers"
        )
    parent, _, name = fullname.rpartition(".")
    return (
        f"{fullname} is not served: neither a module of that name nor {name!r} in {parent} is known here; "
        "`.docs/airflow.md` lists what there is"
    )


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
