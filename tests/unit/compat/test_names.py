"""Every module and name that Airflow's files import, from 1.10 to 3.3, and how imports of the rest end."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.compat.airflow_imports import airflow_imports as airflow_imports
from tui_flow.compat.airflow import names

NAMES: dict[str, list[str]] = json.loads(
    (Path(__file__).parents[2] / "data" / "airflow_names.json").read_text(encoding="utf-8")
)
REFUSED = {
    "airflow.operators.subdag.SubDagOperator": "TaskGroup",
}
"""What is not served on purpose, and what the error says instead."""

pytestmark = pytest.mark.usefixtures("airflow_imports")


def looked_up(module: str, name: str) -> Any:
    namespace: dict[str, Any] = {}
    exec(f"from {module} import {name}", namespace)
    return namespace[name]


@pytest.mark.parametrize("module", NAMES)
def test_every_name_of_a_module(module: str) -> None:
    wanted = [name for name in NAMES[module] if f"{module}.{name}" not in REFUSED]
    missing = []
    for name in wanted:
        try:
            looked_up(module, name)
        except ImportError:
            missing.append(name)
    assert missing == []


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_refused_says_what_to_use(path: str) -> None:
    with pytest.raises(ImportError, match=REFUSED[path]):
        looked_up(*path.rsplit(".", 1))


@pytest.mark.parametrize("family", names.families())
def test_every_entry_of_the_tables_leads_somewhere(family: str) -> None:
    for path in names.table_of(family):
        module = importlib.import_module(path)
        for name in module.__all__:
            assert getattr(module, name, "nothing") != "nothing", f"{path}.{name}"


def test_one_class_under_many_names() -> None:
    paths = ("airflow", "airflow.models", "airflow.models.dag", "airflow.sdk", "airflow.sdk.definitions.dag")
    found = {looked_up(path, "DAG") for path in paths}
    assert found == {importlib.import_module("tui_flow").DAG}
    dummy, empty = (
        looked_up("airflow.operators.dummy_operator", "DummyOperator"),
        looked_up("airflow.providers.standard.operators.empty", "EmptyOperator"),
    )
    assert isinstance(dummy(task_id="a"), empty)


def test_ways_to_import() -> None:
    namespace: dict[str, Any] = {}
    exec(
        "import airflow.models.dag\n"
        "from airflow.operators import python\n"
        "import airflow.utils.timezone as zone\n"
        "from airflow.models import *\n",
        namespace,
    )
    assert namespace["airflow"].models.dag.DAG is namespace["DAG"]
    assert namespace["python"].PythonOperator.__name__ == "PythonOperator"
    assert namespace["zone"].utcnow().tzinfo is not None


def test_a_submodule_does_not_hide_a_name_of_its_package() -> None:
    function = looked_up("airflow.decorators", "task_group")
    importlib.import_module("airflow.decorators.task_group")
    assert looked_up("airflow.decorators", "task_group") is function


def test_the_version_is_that_of_airflow_3() -> None:
    assert looked_up("airflow", "__version__") == importlib.metadata.version("apache-airflow") == "3.3.2"
    assert looked_up("airflow.version", "version") == "3.3.2"
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("apache-airflow-providers-nobody")


@pytest.mark.parametrize(
    ("statement", "advice"),
    [
        ("from airflow.models import Nonsense", "airflow.models.Nonsense is not served"),
        ("import airflow.nonsense", "airflow.nonsense is not served"),
        ("from airflow.providers.snowflake.operators.snowflake import X", "apache-airflow-providers-snowflake"),
        ("from airflow.providers.apache.spark.operators.x import X", "apache-airflow-providers-apache-spark"),
        ("from airflow.providers.cncf.kubernetes.operators.pod import X", "not one machine"),
        ("from airflow.operators.oracle_operator import OracleOperator", "apache-airflow-providers-oracle"),
        ("from airflow.contrib.operators.x import X", "airflow.providers"),
        ("from airflow.sdk import PartitionedAtRuntime", "asset partitions"),
    ],
)
def test_what_is_not_served_says_so(statement: str, advice: str) -> None:
    with pytest.raises(ImportError, match=advice):
        exec(statement)


def test_code_that_tries_several_imports_goes_on() -> None:
    namespace: dict[str, Any] = {}
    exec(
        "try:\n    from airflow.nonsense import x\nexcept ModuleNotFoundError:\n    x = None\n"
        "import airflow.models\nhas = hasattr(airflow.models, 'Nonsense')",
        namespace,
    )
    assert namespace["x"] is None and namespace["has"] is False


def test_only_what_is_used_is_imported() -> None:
    for name in [name for name in sys.modules if name.startswith("tui_flow.compat.airflow.names.")]:
        del sys.modules[name]
    names.served_by.cache_clear()
    looked_up("airflow", "DAG")
    assert [n for n in sys.modules if n.startswith("tui_flow.compat.airflow.names.")] == [
        "tui_flow.compat.airflow.names.core"
    ]
