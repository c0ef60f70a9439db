"""What DAG authors write with: DAGs, operators, TaskFlow, templates, and what a running task may use.

Definitions leave this package only as a `DagSpec` (`to_spec`). It knows neither the operators nor the database.
"""
