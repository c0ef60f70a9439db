from datetime import datetime

from airflow import DAG
from airflow.decorators import task
from airflow.operators.python import PythonOperator


def create_dag(dag_id, schedule, number, default_args):
    dag = DAG(dag_id, schedule_interval=schedule, default_args=default_args, catchup=False)
    with dag:
        def hello_world_py(*args):
            print("Hello World", "This is DAG: {}".format(number))

        previous = None
        for step in range(number):
            current = PythonOperator(task_id=f"step_{step}", python_callable=hello_world_py)
            if previous:
                previous >> current
            previous = current
    return dag


for n in range(1, 4):
    dag_id = "loop_{}".format(str(n))
    globals()[dag_id] = create_dag(dag_id, "@daily", n, {"owner": "airflow", "start_date": datetime(2021, 1, 1)})
