"""Airflow's own example DAGs, run by tuiflow. See `__main__`."""
