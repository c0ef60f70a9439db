import tempfile
from datetime import datetime

from airflow import DAG
from airflow.operators.bash import BashOperator
from shop_plugin.operators import ShopToFileOperator

with DAG("own_operator", start_date=datetime(2023, 1, 1), schedule="@daily", catchup=False, tags=["plugin"]) as dag:
    fetch = ShopToFileOperator(
        task_id="fetch", day="{{ ds }}", path=tempfile.gettempdir() + "/{{ dag.dag_id }}-{{ run_id | replace(':', '_') }}")
    count = BashOperator(
        task_id="count",
        bash_command="wc -l < {{ ti.xcom_pull('fetch', key='path') }}; rm {{ ti.xcom_pull('fetch', key='path') }}")
    fetch >> count
