from __future__ import annotations

import json
import logging
from datetime import timedelta

import pendulum
from airflow.decorators import dag, task, task_group
from airflow.models import Variable
from airflow.models.baseoperator import chain, cross_downstream
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import get_current_context
from airflow.utils.edgemodifier import Label

CONFIG = Variable.get("taskflow_config", deserialize_json=True, default_var={"regions": ["none"]})
log = logging.getLogger(__name__)


@dag(
    schedule_interval="0 6 * * 1-5",
    start_date=pendulum.datetime(2024, 1, 1, tz="Europe/Amsterdam"),
    catchup=False,
    tags=["example", "team:data"],
    default_args={"owner": "data-eng", "retries": 2, "retry_delay": timedelta(seconds=1)},
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    render_template_as_native_obj=False,
    params={"limit": 10},
    doc_md=__doc__,
)
def taskflow_two():
    @task()
    def extract() -> dict:
        return json.loads('{"1001": 301.27, "1002": 433.21, "1003": 502.22}')

    @task(multiple_outputs=True)
    def transform(orders: dict):
        return {"total": sum(orders.values()), "count": len(orders)}

    @task
    def load(total: float, params=None, ti=None, data_interval_end=None, **context):
        ctx = get_current_context()
        assert ctx["params"]["limit"] == params["limit"] == 10
        assert ctx["ti"].task_id == ti.task_id == "load" and data_interval_end == ctx["data_interval_end"]
        log.info("Total order value is: %.2f", total)

    @task_group(group_id="regions", tooltip="one for each region", default_args={"retries": 0})
    def per_region():
        for region in CONFIG["regions"]:
            @task(task_id=f"load_{region}")
            def one(name: str):
                return name.upper()

            one(region)

    show = BashOperator(
        task_id="show",
        bash_command="echo {{ var.json.taskflow_config.owner }} {{ var.value.get('absent', 'fallback') }}"
        " {{ conn.warehouse.host }}:{{ conn.warehouse.port }} {{ conn.warehouse.extra_dejson.sslmode }}"
        " {{ ti.xcom_pull(task_ids='transform', key='count') }} {{ dag_run.run_type }} {{ ts_nodash }}"
        " {{ data_interval_start | ds }} {{ params.limit }}",
        do_xcom_push=True,
    )
    summary = transform(extract())
    loaded = load(summary["total"])
    a, b = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
    c, d = EmptyOperator(task_id="c"), EmptyOperator(task_id="d")
    loaded >> Label("all in") >> show >> per_region() >> [a, b]
    cross_downstream([a, b], [c, d])
    chain([c, d], EmptyOperator(task_id="end", trigger_rule="none_failed"))


taskflow_two_dag = taskflow_two()

if __name__ == "__main__":
    taskflow_two_dag.test()
