"""
### ETL as the 1.10 tutorials write it
"""
import json
from datetime import datetime, timedelta

import airflow
from airflow import DAG
from airflow.models import Variable
from airflow.operators.bash_operator import BashOperator
from airflow.operators.dummy_operator import DummyOperator
from airflow.operators.python_operator import PythonOperator, BranchPythonOperator
from airflow.utils.dates import days_ago
from airflow.utils.trigger_rule import TriggerRule

default_args = {
    'owner': 'airflow',
    'depends_on_past': False,
    'start_date': airflow.utils.dates.days_ago(2),
    'email': ['airflow@example.com'],
    'email_on_failure': True,
    'email_on_retry': False,
    'retries': 1,
    'retry_delay': timedelta(minutes=5),
    'queue': 'bash_queue',
    'pool': 'etl',
    'priority_weight': 10,
    'end_date': datetime(2099, 1, 1),
    'sla': timedelta(hours=2),
    'trigger_rule': 'all_success',
}

dag = DAG(
    'etl_classic',
    default_args=default_args,
    description='A simple ETL DAG',
    schedule_interval=timedelta(days=1),
    concurrency=4,
    default_view='graph',
    orientation='LR',
)
dag.doc_md = __doc__


def extract(ds, **kwargs):
    assert kwargs['execution_date'].strftime('%Y-%m-%d') == ds
    assert kwargs['dag'].dag_id == 'etl_classic' and kwargs['ds_nodash'] == ds.replace('-', '')
    kwargs['ti'].xcom_push(key='raw', value=[{'id': 1, 'n': 2}, {'id': 2, 'n': 5}])
    return ds


def transform(multiply, **context):
    rows = context['task_instance'].xcom_pull(task_ids='extract', key='raw')
    assert context['task_instance'].xcom_pull('extract') == context['ds']
    assert context['task_instance'].xcom_pull(key=None, task_ids='extract') == context['ds']
    return {row['id']: row['n'] * multiply for row in rows}


def load(**context):
    found = context['ti'].xcom_pull(task_ids=['transform', 'say'])
    print('loaded', json.dumps(found))


t1 = PythonOperator(task_id='extract', python_callable=extract, provide_context=True, dag=dag)
t2 = PythonOperator(
    task_id='transform', python_callable=transform, op_kwargs={'multiply': 10}, provide_context=True, dag=dag)
templated_command = """
{% for i in range(3) %}
    echo "{{ ds }}" "{{ execution_date.isoformat() }}"
    echo "{{ macros.ds_add(ds, 7)}}" "{{ yesterday_ds_nodash }}" "{{ next_ds }}" "{{ prev_ds }}"
    echo "{{ params.my_param }}"
{% endfor %}
echo last
"""
t3 = BashOperator(
    task_id='say', bash_command=templated_command, params={'my_param': 'Parameter I passed in'}, xcom_push=True, dag=dag)
t3.doc_md = "#### Task docs"
t4 = PythonOperator(task_id='load', python_callable=load, provide_context=True, dag=dag)
choose = BranchPythonOperator(
    task_id='choose', python_callable=lambda **kw: 'big' if Variable.get('threshold', 3) else 'small',
    provide_context=True, dag=dag)
big, small = DummyOperator(task_id='big', dag=dag), DummyOperator(task_id='small', dag=dag)
done = DummyOperator(task_id='done', trigger_rule=TriggerRule.ONE_SUCCESS, dag=dag)

t1.set_downstream([t2, t3])
t4.set_upstream(t2)
t3 >> t4 >> choose >> [big, small] >> done
