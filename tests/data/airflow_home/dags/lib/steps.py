from airflow.models import TaskInstance  # noqa: F401


def check(**context):
    pulled = context["ti"].xcom_pull(task_ids="pull")
    assert pulled == f"pull {context['ds']}", pulled
    return "checked"
