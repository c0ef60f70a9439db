"""Tells a Slack webhook what failed."""
import json
import urllib.request
from datetime import datetime, timedelta
from functools import partial

from airflow import DAG
from airflow.hooks.base import BaseHook
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator


def post(text):
    conn = BaseHook.get_connection("slack_webhook")
    body = json.dumps({"text": text, "channel": conn.extra_dejson.get("channel", "#alerts")}).encode()
    request = urllib.request.Request(
        f"http://{conn.host}:{conn.port}/services/{conn.password}", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).read()


def task_fail_slack_alert(context):
    ti = context["task_instance"]
    post(f":red_circle: Task Failed. *Task*: {ti.task_id} *Dag*: {ti.dag_id} "
         f"*Try*: {ti.try_number} *Date*: {context.get('execution_date'):%Y-%m-%d} *Why*: {context.get('exception')} "
         f"*Log*: {'yes' if ti.log_url else 'no'}")


def tell(context, word):
    post(f"{word}: {context['dag_run'].dag_id}")


def sla_missed(dag, task_list, blocking_task_list, slas, blocking_tis):
    raise RuntimeError("never called")


with DAG(
    "slack_alerts",
    start_date=datetime(2024, 1, 1),
    schedule_interval=None,
    default_args={
        "on_failure_callback": [task_fail_slack_alert, partial(tell, word="task")],
        "on_retry_callback": partial(tell, word="retry"),
        "sla": timedelta(minutes=30),
    },
    on_failure_callback=partial(tell, word="run failed"),
    on_success_callback=partial(tell, word="run ok"),
    sla_miss_callback=sla_missed,
) as dag:
    ok = PythonOperator(
        task_id="ok", python_callable=lambda: None, on_success_callback=lambda context: post("ok went well"))
    breaks = BashOperator(task_id="breaks", bash_command="echo no; exit 3", retries=1, retry_delay=timedelta(seconds=0))
    ok >> breaks
