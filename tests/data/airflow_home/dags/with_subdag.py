from airflow.models import DAG
from airflow.operators.dummy_operator import DummyOperator
from airflow.operators.subdag_operator import SubDagOperator
from airflow.utils.dates import days_ago


def subdag(parent, child, args):
    return DAG(dag_id='%s.%s' % (parent, child), default_args=args, schedule_interval="@daily")


args = {'owner': 'airflow', 'start_date': days_ago(2)}
dag = DAG(dag_id='with_subdag', default_args=args, schedule_interval="@once")
start = DummyOperator(task_id='start', dag=dag)
section = SubDagOperator(task_id='section', subdag=subdag('with_subdag', 'section', args), dag=dag)
start >> section
