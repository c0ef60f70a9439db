"""DAG files in the style of Airflow 2 that use real provider packages."""

from __future__ import annotations

HTTP = """
from datetime import datetime
from airflow import DAG
from airflow.providers.http.operators.http import HttpOperator
from airflow.providers.http.sensors.http import HttpSensor

with DAG("http", schedule=None, start_date=datetime(2024, 1, 1)):
    wait = HttpSensor(task_id="wait", http_conn_id="web", endpoint="ready", poke_interval=0.05)
    wait_off = HttpSensor(task_id="wait_off", http_conn_id="web", endpoint="ready", poke_interval=0.05, deferrable=True)
    get = HttpOperator(task_id="get", http_conn_id="web", endpoint="/{{ dag.dag_id }}", method="GET",
                       response_filter=lambda response: response.json()["path"])
    get_off = HttpOperator(task_id="get_off", http_conn_id="web", endpoint="off", data="x", deferrable=True)
    [wait, wait_off] >> get >> get_off
"""

SQL = """
from datetime import datetime
from airflow import DAG
from airflow.decorators import task
from airflow.hooks.base import BaseHook
from airflow.providers.common.sql.operators.sql import (
    BranchSQLOperator, SQLColumnCheckOperator, SQLExecuteQueryOperator, SQLTableCheckOperator)
from airflow.providers.common.sql.sensors.sql import SqlSensor

def dag_over(conn_id):
    with DAG(conn_id, schedule=None, start_date=datetime(2024, 1, 1), default_args={"conn_id": conn_id}) as dag:
        make = SQLExecuteQueryOperator(task_id="make", split_statements=True, autocommit=True, params={"n": 2}, sql='''
            create table t (a integer, b varchar(9));
            insert into t values (1, 'one'); insert into t values ({{ params.n }}, null)
        ''')
        rows = SQLExecuteQueryOperator(task_id="rows", sql="select a, b from t order by a")
        wait = SqlSensor(task_id="wait", sql="select count(*) from t", poke_interval=0.05)
        columns = SQLColumnCheckOperator(
            task_id="columns", table="t", column_mapping={"a": {"null_check": {"equal_to": 0}, "max": {"geq_to": 2}}})
        table = SQLTableCheckOperator(task_id="table", table="t", checks={"few": {"check_statement": "COUNT(*) > 2"}})
        branch = BranchSQLOperator(task_id="branch", sql="select count(*) = 2 from t",
                                   follow_task_ids_if_true="insert", follow_task_ids_if_false="other")

        @task
        def insert():
            hook = BaseHook.get_connection(conn_id).get_hook()
            hook.insert_rows("t", [(3, "three")], target_fields=["a", "b"])
            return [type(hook).__module__, *map(list, hook.get_records("select a, b from t where a > 2"))]

        @task
        def other():
            raise RuntimeError

        make >> rows >> [wait, columns, table] >> branch
        branch >> [insert(), other()]
        branch.trigger_rule = "all_done"
    return dag

for conn_id in ("lite", "pg"):
    globals()[conn_id] = dag_over(conn_id)
"""

FAR = """
from datetime import datetime
from airflow import DAG
from airflow.providers.sftp.operators.sftp import SFTPOperation, SFTPOperator
from airflow.providers.sftp.sensors.sftp import SFTPSensor
from airflow.providers.ssh.operators.ssh import SSHOperator
import ledger

here, there = f"{ledger.FOLDER}/here", f"{ledger.FOLDER}/far/there"
with DAG("far", schedule=None, start_date=datetime(2024, 1, 1), params={"who": "me"}):
    write = SSHOperator(task_id="write", ssh_conn_id="box", command=f"echo {{{{ params.who }}}} | tee {here}")
    put = SFTPOperator(task_id="put", ssh_conn_id="files", local_filepath=here, remote_filepath=there,
                       operation=SFTPOperation.PUT, create_intermediate_dirs=True)
    wait = SFTPSensor(task_id="wait", sftp_conn_id="files", path=there, poke_interval=0.05)
    fails = SSHOperator(task_id="fails", ssh_conn_id="box", command=f"cat {there} >&2; exit 7")
    write >> put >> wait >> fails
"""

TOLD = """
from datetime import datetime
from airflow import DAG
from airflow.operators.python import PythonOperator
from airflow.providers.slack.notifications.slack_webhook import send_slack_webhook_notification
from airflow.providers.slack.operators.slack_webhook import SlackWebhookOperator
from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.providers.smtp.operators.smtp import EmailOperator

def fail():
    raise RuntimeError("boom")

with DAG("told", schedule=None, start_date=datetime(2024, 1, 1)):
    mail = EmailOperator(task_id="mail", conn_id="mail", to=["a@x.y", "b@x.y"], subject="{{ dag.dag_id }}",
                         html_content="<b>{{ run_id }}</b>")
    slack = SlackWebhookOperator(task_id="slack", slack_webhook_conn_id="slack", message="{{ task.task_id }}")
    [mail, slack] >> PythonOperator(task_id="fails", python_callable=fail, on_failure_callback=[
        SmtpNotifier(smtp_conn_id="mail", to="ops@x.y", subject="{{ ti.task_id }}", html_content="{{ exception }}"),
        send_slack_webhook_notification(slack_webhook_conn_id="slack", text="{{ ti.task_id }} failed"),
    ])
"""
