from datetime import datetime, timedelta

from airflow.models import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.dagrun_operator import TriggerDagRunOperator as OldTriggerDagRunOperator
from airflow.operators.python import PythonOperator
from airflow.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sensors.external_task import ExternalTaskSensor
from airflow.utils.state import DagRunState, State

with DAG("controller", start_date=datetime(2024, 1, 1), schedule_interval="@once", catchup=False) as dag:
    trigger = TriggerDagRunOperator(
        task_id="trigger",
        trigger_dag_id="target",
        conf={"message": "Hello {{ ds }}", "nested": {"day": "{{ ds_nodash }}"}},
        execution_date="{{ execution_date }}",
        reset_dag_run=True,
        wait_for_completion=True,
        poke_interval=1,
        allowed_states=[State.SUCCESS],
        failed_states=[DagRunState.FAILED],
    )
    sensor = ExternalTaskSensor(
        task_id="sensor",
        external_dag_id="target",
        external_task_id="run_this",
        execution_delta=timedelta(0),
        allowed_states=["success"],
        timeout=60,
        poke_interval=1,
        mode="reschedule",
    )
    by_date = ExternalTaskSensor(
        task_id="by_date", external_dag_id="target", execution_date_fn=lambda dt: dt, poke_interval=1, timeout=60)
    trigger >> [sensor, by_date]

def decide(context, dag_run_obj):
    if context["params"]["go"]:
        dag_run_obj.payload = {"message": "from 1.10"}
        return dag_run_obj


with DAG("old_controller", start_date=datetime(2024, 1, 1), schedule_interval="@once") as old:
    for go in (True, False):
        OldTriggerDagRunOperator(
            task_id="go" if go else "stay", trigger_dag_id="target", python_callable=decide, params={"go": go})

with DAG("target", start_date=datetime(2024, 1, 1), schedule_interval=None) as target:
    def run_this_func(dag_run=None, **kwargs):
        assert dag_run.conf.get("nested", {"day": kwargs["ds_nodash"]})["day"] == kwargs["ds_nodash"] and dag_run.external_trigger
        print(f"Remotely received value of {dag_run.conf.get('message')}")

    run_this = PythonOperator(task_id="run_this", python_callable=run_this_func)
    bash_task = BashOperator(
        task_id="bash_task",
        bash_command='echo "Here is the message: $message"',
        env={"message": '{{ dag_run.conf["message"] if dag_run else "" }}'},
    )
    run_this >> bash_task
