import os
from datetime import datetime

from airflow import DAG
from airflow.operators.python import PythonOperator
from airflow.providers.common.sql.operators.sql import SQLCheckOperator, SQLExecuteQueryOperator
from airflow.providers.sqlite.hooks.sqlite import SqliteHook
from airflow.providers.sqlite.operators.sqlite import SqliteOperator


def only_day(day):
    return f"day = '{day}'"


def report(rows, **_):
    assert rows[0][1] == 42, rows
    hook = SqliteHook(sqlite_conn_id="reports")
    assert hook.get_first("SELECT COUNT(*) FROM sales")[0] == 2
    return hook.get_records("SELECT amount FROM sales ORDER BY amount")


with DAG(
    "sql_reports",
    start_date=datetime(2024, 1, 1),
    schedule="@monthly",
    catchup=False,
    template_searchpath=[os.path.join(os.path.dirname(os.path.abspath(__file__)), "sql")],
    user_defined_macros={"only_day": only_day},
    user_defined_filters={"shout": lambda text: text.upper()},
    params={"table": "sales"},
    default_args={"conn_id": "reports"},
) as dag:
    create = SqliteOperator(task_id="create", sqlite_conn_id="reports", sql="create.sql")
    fill = SQLExecuteQueryOperator(
        task_id="fill",
        sql=["INSERT INTO sales VALUES ('{{ ds }}', 40)", "INSERT INTO sales VALUES (:day, 2)"],
        parameters={"day": "{{ ds }}"},
    )
    query = SQLExecuteQueryOperator(task_id="query", sql="report.sql")
    check = SQLCheckOperator(task_id="check", sql="SELECT COUNT(*) FROM {{ params.table }} WHERE {{ only_day(ds) }}")
    tell = PythonOperator(task_id="tell", python_callable=report, op_kwargs={"rows": query.output})
    create >> fill >> [query, check] >> tell
