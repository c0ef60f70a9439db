# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""DAGs used by the clear / mark / backfill / depends_on_past / weight oracle cases (never executed, states are set directly)."""
from datetime import datetime, timedelta, timezone
from airflow.sdk import DAG, TaskGroup, CronDataIntervalTimetable, CronTriggerTimetable
from airflow.providers.standard.operators.empty import EmptyOperator as E
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.latest_only import LatestOnlyOperator
S0 = datetime(2024, 1, 1, tzinfo=timezone.utc)

with DAG("s_linear", schedule=CronDataIntervalTimetable("0 0 * * *", "UTC"), start_date=S0, catchup=True, default_args={"retries": 2}):
    E(task_id="a") >> E(task_id="b") >> E(task_id="c") >> E(task_id="d")

with DAG("s_trigger_daily", schedule=CronTriggerTimetable("0 0 * * *", timezone="UTC"), start_date=S0, catchup=True):
    E(task_id="a") >> E(task_id="b")

with DAG("s_std", schedule=None, start_date=S0):
    s = E(task_id="s").as_setup()
    t = E(task_id="t").as_teardown(setups=s)
    s >> E(task_id="w1") >> E(task_id="w2") >> t

with DAG("s_dop", schedule=CronDataIntervalTimetable("0 0 * * *", "UTC"), start_date=S0, catchup=True):
    x = E(task_id="x", depends_on_past=True)
    y = E(task_id="y", wait_for_downstream=True)
    z = E(task_id="z")
    x >> y >> z
    E(task_id="late", depends_on_past=True, start_date=datetime(2024, 1, 3, tzinfo=timezone.utc))
    E(task_id="ign", depends_on_past=True, ignore_first_depends_on_past=True)

with DAG("s_dop_nocatchup", schedule=CronDataIntervalTimetable("0 0 * * *", "UTC"), start_date=S0, catchup=False):
    E(task_id="x", depends_on_past=True)

with DAG("s_weights", schedule=None, start_date=S0):
    a = BashOperator(task_id="a", bash_command=":", priority_weight=1)
    b = BashOperator(task_id="b", bash_command=":", priority_weight=2)
    c = BashOperator(task_id="c", bash_command=":", priority_weight=3, weight_rule="upstream")
    d = BashOperator(task_id="d", bash_command=":", priority_weight=4, weight_rule="absolute")
    e = BashOperator(task_id="e", bash_command=":", priority_weight=5)
    a >> [b, c] >> d >> e

with DAG("s_none", schedule=None, start_date=S0):
    E(task_id="a")
with DAG("s_once", schedule="@once", start_date=S0):
    E(task_id="a")
with DAG("s_cont", schedule="@continuous", start_date=S0, max_active_runs=1):
    E(task_id="a")
with DAG("s_latest", schedule=CronDataIntervalTimetable("0 0 * * *", "UTC"), start_date=S0):
    LatestOnlyOperator(task_id="lo") >> [E(task_id="a"), E(task_id="b")]
with DAG("s_latest_trigger", schedule=CronTriggerTimetable("0 0 * * *", timezone="UTC"), start_date=S0):
    LatestOnlyOperator(task_id="lo") >> [E(task_id="a"), E(task_id="b")]
with DAG("s_group", schedule=None, start_date=S0):
    with TaskGroup("g") as g:
        E(task_id="a") >> E(task_id="b")
    E(task_id="pre") >> g >> E(task_id="post") >> E(task_id="last")
with DAG("s_dates", schedule="@daily", start_date=datetime(2024, 1, 5, tzinfo=timezone.utc), end_date=datetime(2024, 2, 1, tzinfo=timezone.utc), catchup=True):
    E(task_id="early", start_date=datetime(2024, 1, 1, tzinfo=timezone.utc))
    E(task_id="late", start_date=datetime(2024, 1, 10, tzinfo=timezone.utc), end_date=datetime(2024, 3, 1, tzinfo=timezone.utc))
