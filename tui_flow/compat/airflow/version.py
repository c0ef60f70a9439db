"""Which Airflow's names and behaviour are served."""

from __future__ import annotations

VERSION = "3.3.2"
AIRFLOW_V_3_0_PLUS = AIRFLOW_V_3_1_PLUS = AIRFLOW_V_3_2_PLUS = AIRFLOW_V_3_3_PLUS = True
