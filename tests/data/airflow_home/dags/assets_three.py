from datetime import datetime

from airflow.sdk import DAG, Asset, Param, TaskGroup, Variable, asset, chain, dag, get_current_context, setup, task, teardown
from airflow.sdk.exceptions import AirflowRuntimeError  # noqa: F401
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator

orders = Asset("s3://lake/orders", extra={"team": "data"})


@dag(
    schedule=None,
    start_date=datetime(2024, 1, 1),
    params={"size": Param(3, type="integer", minimum=1), "mode": Param("fast", enum=["fast", "slow"])},
    tags={"three"},
)
def producer_three():
    @setup
    def begin():
        return "cluster-1"

    @teardown(on_failure_fail_dagrun=True)
    def finish(cluster):
        print("stopped", cluster)

    @task
    def numbers():
        size = get_current_context()["params"]["size"]
        return list(range(size))

    @task(map_index_template="{{ task.op_kwargs['n'] }}")
    def double(n, factor):
        return n * factor

    @task.branch
    def route(values):
        return "write" if sum(values) == 6 else "nothing"

    @task(outlets=[orders])
    def write(*, outlet_events=None):
        outlet_events[orders].extra = {"rows": 3}

    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def go_on():
        return Variable.get("go_on", default=False)

    @task.bash
    def shell() -> str:
        return "echo {{ params.mode }}"

    cluster = begin()
    doubled = double.partial(factor=2).expand(n=numbers())
    choice = route(doubled)
    written = write()
    choice >> [written, EmptyOperator(task_id="nothing")]
    stopped = finish(cluster)
    cluster >> doubled
    written >> stopped
    go_on() >> shell() >> EmptyOperator(task_id="late", trigger_rule="none_failed")


producer_three()

with DAG("consumer_three", schedule=[orders], start_date=datetime(2024, 1, 1)):
    @task
    def read(*, triggering_asset_events):
        for events in triggering_asset_events.values():
            print("came", events[-1].extra["rows"])

    read()
