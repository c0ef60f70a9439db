"""`import airflow...` inside hosts and attempts: Airflow's module and class names over `sdk` and `operators`.

Theory of operation. `finder.install` puts a finder on `sys.meta_path` of a process that is about to import a DAG file.
The first import of `airflow` loads `modules`, which looks each module up in the tables of `names/` (module -> where its
names are here) and answers with a lazy module: a name is imported when it is first used. So there is one class under
many names, and a file that does not import Airflow pays nothing. What is served nowhere else (`conf`, `days_ago`...)
lives in the other modules here; why something is not served stands in `refusals`.
"""
