"""The values that Airflow's options have where nobody sets them: those of 3.3, and of 2.11 what ended with Airflow 2.

Left out: options without a value of their own, secrets, and what has tuiflow's value (`configuration.py`).
`{AIRFLOW_HOME}` stands for that folder.
"""

from __future__ import annotations

from configparser import RawConfigParser
from functools import cache


@cache
def default_options() -> RawConfigParser:
    parser = RawConfigParser()
    parser.read_string(_OPTIONS)
    return parser


_OPTIONS = """
[api]
access_control_allow_headers =
access_control_allow_methods =
access_control_allow_origins =
auth_backends = airflow.api.auth.backend.session
auto_refresh_interval = 3
client_use_public_certs = True
dag_cache_size = 64
dag_cache_ttl = 3600
default_wrap = False
enable_experimental_api = False
enable_swagger_ui = True
enable_xcom_deserialize_support = False
expose_config = False
expose_stacktrace = False
fallback_page_limit = 50
google_key_path =
google_oauth2_audience =
grid_view_sorting_order = topological
hide_paused_dags_by_default = False
host = 0.0.0.0
log_fetch_timeout_sec = 5
log_stream_buffer_size = 500
maximum_page_limit = 100
port = 8080
require_confirmation_dag_change = False
server_type = uvicorn
ssl_cert =
ssl_cert_reqs = none
ssl_key =
worker_refresh_batch_size = 1
worker_refresh_interval = 0
worker_timeout = 120
workers = 1

[core]
allow_double_dot_in_ids = False
allowed_deserialization_classes = airflow.*
allowed_deserialization_classes_regexp =
auth_manager = airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager
check_slas = True
compress_serialized_dags = False
daemon_umask = 0o077
dag_discovery_safe_mode = True
dag_file_processor_timeout = 50
dag_ignore_file_syntax = glob
dag_run_conf_overrides_params = True
dagbag_import_error_traceback_depth = 2
dagbag_import_error_tracebacks = True
dagbag_import_timeout = 30.0
dags_are_paused_at_creation = True
database_access_isolation = False
default_impersonation =
default_pool_task_slot_count = 128
default_task_execution_timeout =
default_task_retries = 0
default_task_retry_delay = 300
default_task_weight_rule = downstream
default_timezone = utc
donot_pickle = True
enable_xcom_pickling = False
execute_tasks_new_python_interpreter = False
executor = LocalExecutor
hide_sensitive_var_conn_fields = True
hostname_callable = airflow.utils.net.getfqdn
killed_task_cleanup_time = 60
lazy_discover_providers = True
lazy_load_plugins = True
max_active_runs_per_dag = 16
max_active_tasks_per_dag = 16
max_consecutive_failed_dag_runs_per_dag = 0
max_map_length = 1024
max_num_rendered_ti_fields_per_task = 30
max_task_retry_delay = 86400
max_templated_field_length = 4096
might_contain_dag_callable = airflow.utils.file.might_contain_dag_via_default_heuristic
min_serialized_dag_fetch_interval = 10
min_serialized_dag_update_interval = 30
multi_team = False
num_dag_runs_to_retain_rendered_fields = 30
parallelism = 32
security =
sensitive_var_conn_names =
simple_auth_manager_all_admins = False
simple_auth_manager_users = admin:admin
strict_dataset_uri_validation = False
task_runner = StandardTaskRunner
task_success_overtime = 20
team_name_cache_ttl = 30
test_connection = Disabled
unit_test_mode = False
xcom_backend = airflow.sdk.execution_time.xcom.BaseXCom

[dag_processor]
bundle_refresh_check_interval = 5
dag_file_processor_timeout = 50
dag_version_inflation_check_level = warning
disable_bundle_versioning = False
file_parsing_sort_mode = modified_time
health_check_threshold = 30
max_callbacks_per_loop = 20
min_file_process_interval = 30
parsing_pre_import_modules = True
parsing_processes = 2
print_stats_interval = 30
refresh_interval = 300
stale_bundle_cleanup_age_threshold = 21600
stale_bundle_cleanup_interval = 1800
stale_bundle_cleanup_min_versions = 10
stale_dag_threshold = 50

[database]
alembic_ini_file_path = alembic.ini
check_migrations = True
load_default_connections = True
max_db_retries = 3
migration_batch_size = 10000
sql_alchemy_max_overflow = 10
sql_alchemy_pool_enabled = True
sql_alchemy_pool_pre_ping = True
sql_alchemy_pool_recycle = 1800
sql_alchemy_pool_size = 5
sql_alchemy_schema =
sql_engine_encoding = utf-8

[email]
default_email_on_failure = True
default_email_on_retry = True
email_backend = airflow.utils.email.send_email_smtp
email_conn_id = smtp_default
ssl_context = default

[kubernetes_executor]
api_client_retry_configuration =
delete_option_kwargs =
delete_worker_pods = True
delete_worker_pods_on_failure = False
enable_tcp_keepalive = True
in_cluster = True
kube_client_request_args =
logs_task_metadata = False
multi_namespace_mode = False
multi_namespace_mode_namespace_list =
namespace = default
pod_template_file =
ssl_ca_cert =
tcp_keep_cnt = 6
tcp_keep_idle = 120
tcp_keep_intvl = 30
verify_ssl = True
worker_container_repository =
worker_container_tag =
worker_pods_creation_batch_size = 1
worker_pods_queued_check_interval = 60

[lineage]
backend =
max_assets_per_collector = 100
max_extras_per_collector = 200

[logging]
callsite_parameters = filename,lineno
celery_logging_level =
celery_stdout_stderr_separation = False
color_log_error_keywords = error,exception
color_log_warning_keywords = warn
colored_console_log = True
colored_formatter_class = airflow.utils.log.colored_log.CustomTTYColoredFormatter
dag_processor_child_process_log_directory = {AIRFLOW_HOME}/logs/dag_processor
dag_processor_log_target = file
dag_processor_manager_log_location = {AIRFLOW_HOME}/logs/dag_processor_manager/dag_processor_manager.log
dag_processor_manager_log_stdout = False
delete_local_logs = False
enable_task_context_logger = True
encrypt_s3_logs = False
extra_logger_names =
fab_logging_level = WARNING
file_task_handler_new_file_permissions = 0o664
file_task_handler_new_folder_permissions = 0o775
google_key_path =
json_logs = False
log_format =
log_formatter_class = airflow.utils.log.timezone_aware.TimezoneAware
log_timestamp_format = iso
logging_config_class =
logging_level = INFO
min_length_masked_secret = 5
remote_base_log_folder =
remote_log_conn_id =
remote_logging = False
remote_task_handler_kwargs =
secret_mask_adapter =
simple_log_format = %(asctime)s %(levelname)s - %(message)s
task_log_prefix_template =
task_log_reader = task
trigger_log_server_port = 8794
uvicorn_logging_level = INFO
worker_log_server_port = 8793

[operators]
allow_illegal_arguments = False
default_cpus = 1
default_deferrable = false
default_disk = 512
default_gpus = 0
default_owner = airflow
default_queue = default
default_ram = 512

[scheduler]
allow_trigger_in_future = False
allowed_run_id_pattern = ^[A-Za-z0-9_.~:+-]+$
catchup_by_default = False
child_process_log_directory = {AIRFLOW_HOME}/logs/scheduler
create_cron_data_intervals = False
create_delta_data_intervals = False
dag_dir_list_interval = 300
dag_stale_not_seen_duration = 600
dagrun_metrics_interval = 30.0
enable_health_check = False
enable_tracemalloc = False
file_parsing_sort_mode = modified_time
ignore_first_depends_on_past_by_default = True
job_heartbeat_sec = 5
local_task_job_heartbeat_sec = 0
max_callbacks_per_loop = 20
max_dagruns_per_loop_to_schedule = 20
max_dagruns_to_create_per_loop = 10
max_tis_per_query = 16
min_file_process_interval = 30
num_runs = -1
only_idle = false
orphaned_tasks_check_interval = 300.0
parsing_cleanup_interval = 60
parsing_pre_import_modules = True
parsing_processes = 2
partition_mapper_max_downstream_keys = 1000
pool_metrics_interval = 5.0
print_stats_interval = 30
schedule_after_task_execution = True
scheduler_health_check_server_host = 0.0.0.0
scheduler_health_check_server_port = 8974
scheduler_health_check_threshold = 30
scheduler_heartbeat_sec = 5
scheduler_idle_sleep_time = 1
scheduler_zombie_task_threshold = 300
stale_dag_threshold = 50
standalone_dag_processor = False
task_instance_heartbeat_sec = 0
task_instance_heartbeat_timeout = 300
task_instance_heartbeat_timeout_detection_interval = 10.0
task_queued_timeout = 600.0
task_queued_timeout_check_interval = 120.0
ti_metrics_interval = 30.0
trigger_timeout_check_interval = 15
use_job_schedule = True
use_row_level_locking = True
zombie_detection_interval = 10.0

[secrets]
backend =
backend_kwargs =
cache_ttl_seconds = 900
use_cache = False

[sensors]
default_timeout = 604800

[smtp]
smtp_host = localhost
smtp_mail_from = airflow@example.com
smtp_port = 25
smtp_retry_limit = 5
smtp_ssl = False
smtp_starttls = True
smtp_timeout = 30

[triggerer]
blocked_main_thread_warning_threshold = 0.2
capacity = 1000
default_capacity = 1000
job_heartbeat_sec = 5
max_trigger_to_select_per_loop = 50
on_kill_timeout = 30
queues_enabled = False
runner_health_check_threshold = 30
shared_stream_ack_timeout = 300.0
shared_stream_cohort_grace_period = 0.0
shared_stream_subscriber_queue_size = 1024
triggerer_health_check_threshold = 30

[webserver]
access_denied_message = Access is Denied
access_logfile = -
access_logformat =
allow_raw_html_descriptions = False
allowed_payload_size = 1.0
auto_refresh_interval = 3
base_url = http://localhost:8080
caching_hash_method = md5
config_file = {AIRFLOW_HOME}/webserver_config.py
cookie_samesite = Lax
cookie_secure = False
dag_default_view = grid
dag_orientation = LR
default_dag_run_display_number = 25
default_ui_timezone = UTC
default_wrap = False
enable_proxy_fix = False
enable_swagger_ui = True
error_logfile = -
expose_config = False
expose_hostname = False
expose_stacktrace = False
grid_view_sorting_order = topological
hide_paused_dags_by_default = False
instance_name_has_markup = False
log_animation_speed = 1000
log_auto_tailing_offset = 30
log_fetch_delay_sec = 2
log_fetch_timeout_sec = 5
max_form_memory_size = 500000
max_form_parts = 1000
navbar_color = #fff
navbar_hover_color = #eee
navbar_logo_text_color = #51504f
navbar_text_color = #51504f
navbar_text_hover_color = #51504f
num_recent_configurations_for_trigger = 5
page_size = 100
proxy_fix_x_for = 1
proxy_fix_x_host = 1
proxy_fix_x_port = 1
proxy_fix_x_prefix = 1
proxy_fix_x_proto = 1
reload_on_plugin_change = False
require_confirmation_dag_change = False
run_internal_api = False
session_backend = database
session_lifetime_minutes = 43200
show_recent_stats_for_completed_runs = True
show_trigger_form_if_no_params = False
warn_deployment_exposure = True
web_server_host = 0.0.0.0
web_server_master_timeout = 120
web_server_port = 8080
web_server_ssl_cert =
web_server_ssl_key =
web_server_worker_timeout = 120
worker_class = sync
worker_refresh_batch_size = 1
worker_refresh_interval = 6000
workers = 4
x_frame_enabled = True
"""
