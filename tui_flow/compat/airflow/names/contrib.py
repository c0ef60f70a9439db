"""`airflow.contrib` of Airflow 1.10, as far as its classes are here; `refusals` says where the others went."""

from __future__ import annotations

MODULES: dict[str, dict[str, str] | str] = {
    "airflow.contrib.example_dags": {},
    "airflow.contrib.hooks.fs_hook": "airflow.hooks.filesystem",
    "airflow.contrib.hooks.sftp_hook": "airflow.providers.sftp.hooks.sftp",
    "airflow.contrib.hooks.ssh_hook": "airflow.providers.ssh.hooks.ssh",
    "airflow.contrib.operators.sftp_operator": "airflow.providers.sftp.operators.sftp",
    "airflow.contrib.operators.ssh_operator": "airflow.providers.ssh.operators.ssh",
    "airflow.contrib.sensors.bash_sensor": "airflow.sensors.bash",
    "airflow.contrib.sensors.file_sensor": "airflow.sensors.filesystem",
    "airflow.contrib.sensors.python_sensor": "airflow.sensors.python",
    "airflow.contrib.sensors.sftp_sensor": "airflow.providers.sftp.sensors.sftp",
    "airflow.contrib.sensors.weekday_sensor": "airflow.sensors.weekday",
    "airflow.contrib.utils.weekday": "airflow.utils.weekday",
}
