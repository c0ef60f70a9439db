"""DAGs from YAML files."""
import importlib
from pathlib import Path

import pendulum
import yaml
from airflow.models.dag import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator


class DagFactory:
    def __init__(self, path):
        self.config = yaml.safe_load(path.read_text())

    def _task(self, given):
        if given["type"] == "bash":
            return BashOperator(task_id=given["id"], bash_command=given["command"])
        module, _, name = given["callable"].rpartition(".")
        return PythonOperator(task_id=given["id"], python_callable=getattr(importlib.import_module(module), name))

    def build(self):
        with DAG(
            dag_id=self.config["dag_id"],
            schedule=self.config["schedule"],
            start_date=pendulum.today("UTC").add(days=-1),
            catchup=False,
            is_paused_upon_creation=True,
        ) as dag:
            tasks = {}
            for given in self.config["tasks"]:
                tasks[given["id"]] = self._task(given)
                tasks[given["id"]].set_upstream([tasks[name] for name in given.get("after", [])])
        return dag


for path in sorted((Path(__file__).parent / "configs").glob("*.yaml")):
    built = DagFactory(path).build()
    globals()[built.dag_id] = built
