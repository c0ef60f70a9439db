"""`airflow.models`: what Airflow kept in its database, and where Airflow 2 kept the authoring classes."""

from __future__ import annotations

_BASE_OPERATOR = {
    "sdk.operator": "BaseOperator",
    "sdk.edges": "chain chain_linear cross_downstream",
    "sdk.operator_link": "BaseOperatorLink",
}
_TASK_INSTANCE = {"sdk.backend": "TaskInstance=RuntimeTaskInstance"}
_DATABASE = "compat.airflow.database"

MODULES = {
    "airflow.models": {
        "sdk.dag": "DAG",
        "sdk.operator": "BaseOperator MappedOperator",
        "sdk.operator_link": "BaseOperatorLink",
        "sdk.branch": "SkipMixin",
        "sdk.connection": "Connection",
        "sdk.param": "Param ParamsDict",
        "sdk.variable": "Variable",
        "sdk.xcom_arg": "XComArg",
        "sdk.xcom": "XCOM_RETURN_KEY",
        "sdk.dag_run": "DagRun=DagRunView",
        "sdk.backend": "TaskInstance=RuntimeTaskInstance",
        "compat.airflow.xcom": "XCom",
        _DATABASE: "DagModel DagBag Pool TaskReschedule SlaMiss Log ImportError=DagImportError",
    },
    "airflow.models.dag": {
        "sdk.dag": "DAG",
        "sdk.current": "DagContext",
        "sdk.dag_decorator": "dag",
        _DATABASE: "DagModel",
    },
    "airflow.models.baseoperator": _BASE_OPERATOR,
    "airflow.models.operator": {"sdk.node": "Operator=AbstractOperator"},
    "airflow.models.abstractoperator": {"sdk.node": "AbstractOperator"},
    "airflow.models.baseoperatorlink": {"sdk.operator_link": "BaseOperatorLink"},
    "airflow.models.mappedoperator": {"sdk.operator": "MappedOperator"},
    "airflow.models.skipmixin": {"sdk.branch": "SkipMixin"},
    "airflow.models.param": {"sdk.param": "Param ParamsDict DagParam"},
    "airflow.models.dagparam": {"sdk.param": "DagParam"},
    "airflow.models.variable": {"sdk.variable": "Variable"},
    "airflow.models.connection": {"sdk.connection": "Connection"},
    "airflow.models.xcom": {
        "compat.airflow.xcom": "XCom BaseXCom=XCom MAX_XCOM_SIZE",
        "sdk.xcom": "XCOM_RETURN_KEY",
    },
    "airflow.models.xcom_arg": {"sdk.xcom_arg": "XComArg PlainXComArg MapXComArg ZipXComArg ConcatXComArg"},
    "airflow.models.taskinstance": {
        **_TASK_INSTANCE,
        "sdk.context": "Context get_current_context",
        "records": "TaskInstanceKey",
        _DATABASE: "clear_task_instances",
    },
    "airflow.models.taskinstancekey": {"records": "TaskInstanceKey"},
    "airflow.models.dagrun": {"sdk.dag_run": "DagRun=DagRunView", "state": "DagRunState=RunState DagRunType=RunType"},
    "airflow.models.dagbag": {_DATABASE: "DagBag"},
    "airflow.models.pool": {_DATABASE: "Pool"},
    "airflow.models.expandinput": {"sdk.expand": "ExpandInput"},
    "airflow.models.taskmixin": {"sdk.edges": "DependencyMixin", "sdk.node": "DAGNode"},
    "airflow.models.dataset": {_DATABASE: "DatasetModel DatasetEvent"},
    "airflow.models.asset": {_DATABASE: "AssetModel AssetEvent"},
}
