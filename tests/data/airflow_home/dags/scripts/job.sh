#!/usr/bin/env bash
set -euo pipefail
echo "job for {{ ds }} by $OWNER with ${TUIFLOW_HOME:+inherited} $AIRFLOW_CTX_DAG_ID.$AIRFLOW_CTX_TASK_ID"
{% for name in params.names %}echo "- {{ name }}"
{% endfor %}
echo "{{ dag.dag_id }}"
