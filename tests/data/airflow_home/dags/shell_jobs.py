from datetime import timedelta

import pendulum
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.utils.edgemodifier import Label
from airflow.utils.task_group import TaskGroup
from airflow.utils.weight_rule import WeightRule

with DAG(
    dag_id="shell_jobs",
    start_date=pendulum.datetime(2024, 1, 1),
    schedule=timedelta(hours=6),
    catchup=False,
    max_active_tasks=2,
    default_args={"owner": "ops", "execution_timeout": timedelta(minutes=5), "weight_rule": WeightRule.UPSTREAM},
    dagrun_timeout=timedelta(minutes=60),
) as dag:
    begin = EmptyOperator(task_id="begin")
    with TaskGroup("jobs", default_args={"retries": 0, "pool": "shell", "owner": "night"}, tooltip="all jobs") as jobs:
        script = BashOperator(
            task_id="script",
            bash_command="scripts/job.sh",
            env={"OWNER": "{{ task.owner }}"},
            append_env=True,
            params={"names": ["a", "b"]},
        )
        inline = BashOperator(task_id="inline", bash_command="bash -c 'exit 0' ", cwd="/tmp", env={"ONLY": "this"})
        with TaskGroup("inner", prefix_group_id=True):
            last = BashOperator.partial(task_id="each", do_xcom_push=True).expand(
                bash_command=["echo one", "echo {{ ti.map_index }}"])
        script >> Label("then") >> inline >> last
    begin >> jobs >> EmptyOperator(task_id="end")
