import os
from datetime import datetime, timedelta

from airflow import DAG
from airflow.exceptions import AirflowSkipException
from airflow.operators.bash import BashOperator
from airflow.operators.latest_only import LatestOnlyOperator
from airflow.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator
from airflow.sensors.bash import BashSensor
from airflow.sensors.external_task import ExternalTaskMarker, ExternalTaskSensor
from airflow.sensors.filesystem import FileSensor
from airflow.sensors.python import PythonSensor
from airflow.sensors.time_delta import TimeDeltaSensor
from airflow.utils.task_group import TaskGroup
from airflow.sensors.base import BaseSensorOperator


class EvenSensor(BaseSensorOperator):
    template_fields = ("number",)

    def __init__(self, *, number, **kwargs):
        super().__init__(**kwargs)
        self.number = number

    def poke(self, context):
        self.log.info("is %s even?", self.number)
        return int(self.number) % 2 == 0


def skip():
    raise AirflowSkipException("nothing to do today")


with DAG(
    dag_id="sensing",
    start_date=datetime(2024, 1, 1),
    schedule_interval=None,
    catchup=False,
    default_args=dict(owner="ops", poke_interval=1, timeout=30, mode="reschedule"),
) as dag:
    wait_file = FileSensor(task_id="wait_file", filepath=os.path.basename(__file__), fs_conn_id="dags_path")
    wait_python = PythonSensor(task_id="wait_python", python_callable=lambda: True, mode="poke")
    wait_bash = BashSensor(task_id="wait_bash", bash_command="test {{ ds_nodash }} -gt 20000101")
    wait_own = EvenSensor(task_id="wait_own", number="{{ 40 + 2 }}")
    soft = PythonSensor(task_id="soft", python_callable=lambda: False, soft_fail=True, timeout=0, mode="poke")
    delta = TimeDeltaSensor(task_id="delta", delta=timedelta(seconds=0))
    branch = BranchPythonOperator(task_id="branch", python_callable=lambda day: ["left.go"], op_args=["{{ ds }}"])
    with TaskGroup("left") as left:
        BashOperator(task_id="go", bash_command="echo going left")
    with TaskGroup("right", prefix_group_id=False) as right:
        BashOperator(task_id="right_go", bash_command="exit 1")
    join = PythonOperator(
        task_id="join", python_callable=print, op_args=["joined"], trigger_rule="none_failed_min_one_success")
    stop = ShortCircuitOperator(task_id="stop", python_callable=lambda: False)
    never = BashOperator(task_id="never", bash_command="exit 1")
    skipper = PythonOperator(task_id="skipper", python_callable=skip)
    always = BashOperator(task_id="always", bash_command="echo cleanup", trigger_rule="all_done")
    exit_99 = BashOperator(task_id="exit_99", bash_command="exit 99", skip_exit_code=99)
    latest = LatestOnlyOperator(task_id="latest")
    marker = ExternalTaskMarker(task_id="marker", external_dag_id="etl_classic", external_task_id="extract")

    [wait_file, wait_python, wait_bash, wait_own, delta] >> branch >> [left, right] >> join
    join >> stop >> never
    soft >> always << [skipper, exit_99]
    latest >> marker
