# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Behaviour oracle DAGs: run each once on Airflow 3.3.2 (dag.test) and record every final state."""
from __future__ import annotations
import os
from datetime import datetime, timedelta, timezone
from airflow.sdk import DAG, Asset, BaseOperator, Label, Param, TaskGroup, TriggerRule, Variable, chain, cross_downstream, get_current_context, setup, task, task_group, teardown
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.branch import BaseBranchOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.latest_only import LatestOnlyOperator
from airflow.providers.standard.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator
from airflow.providers.standard.sensors.bash import BashSensor
from airflow.providers.standard.sensors.python import PythonSensor

EVENTS = os.environ.get("ORACLE_EVENTS", "/tmp/oracle_events.txt")
S0 = datetime(2024, 1, 1, tzinfo=timezone.utc)


def ev(name):
    with open(EVENTS, "a") as fh:
        fh.write(name + "\n")


def cb(name):
    def _cb(context):
        ti = context.get("ti") or context.get("task_instance")
        ev(f"{name}:{ti.task_id if ti else '-'}:{type(context.get('exception')).__name__ if context.get('exception') else None}")
    return _cb


def boom():
    raise ValueError("boom")


def E(tid, **k):
    return EmptyOperator(task_id=tid, **k)


def F(tid, **k):  # a failing task
    return PythonOperator(task_id=tid, python_callable=boom, **k)


def K(tid, **k):  # a skipping task
    def _skip():
        raise AirflowSkipException("skip")
    return PythonOperator(task_id=tid, python_callable=_skip, **k)


def P(tid, v=None, **k):  # a python task returning v
    return PythonOperator(task_id=tid, python_callable=lambda: v, **k)


def mk(dag_id, **k):
    k.setdefault("schedule", None)
    k.setdefault("start_date", S0)
    return DAG(dag_id, **k)

with mk("o_leaf_failed_other_ok"):  # two leaves, one failed -> run failed
    a = P("a")
    a >> F("b")
    a >> P("c")

with mk("o_one_failed_alert"):  # classic "notify on any failure" pattern
    ok, bad = P("ok"), F("bad")
    [ok, bad] >> E("alert", trigger_rule="one_failed")
    [ok, bad] >> E("done", trigger_rule="all_success")

# ---------------------------------------------------------------- exceptions / retries
with mk("o_skip_exception_no_retry"):
    K("a", retries=3, retry_delay=timedelta(seconds=1)) >> E("b")

def failfast():
    raise AirflowFailException("no retry")

with mk("o_fail_exception_no_retry"):
    PythonOperator(task_id="a", python_callable=failfast, retries=3, retry_delay=timedelta(seconds=1))

with mk("o_retry_then_success"):
    def flaky(ti):
        ev(f"try:{ti.try_number}:max_tries={ti.max_tries}")
        if ti.try_number < 3:
            raise ValueError("again")
        return ti.try_number
    PythonOperator(task_id="a", python_callable=flaky, retries=3, retry_delay=timedelta(seconds=1), on_retry_callback=cb("retry"), on_failure_callback=cb("failure"), on_success_callback=cb("success"), on_execute_callback=cb("execute"))

with mk("o_bash_exit_codes"):
    BashOperator(task_id="ok", bash_command="exit 0")
    BashOperator(task_id="fail", bash_command="exit 1")
    BashOperator(task_id="skip99", bash_command="exit 99")
    BashOperator(task_id="skip_custom", bash_command="exit 7", skip_on_exit_code=[7, 8])
    BashOperator(task_id="skip99_disabled", bash_command="exit 99", skip_on_exit_code=None)
    BashOperator(task_id="last_line", bash_command="echo one; echo two; echo three")
    BashOperator(task_id="processor", bash_command="echo '{\"a\": 1}'", output_processor=lambda s: __import__("json").loads(s))
    BashOperator(task_id="env_only", bash_command="echo \"X=$X HOME=${HOME:-unset}\"", env={"X": "{{ ds }}"})
    BashOperator(task_id="env_append", bash_command="echo \"X=$X HOME=${HOME:+set}\"", env={"X": "1"}, append_env=True)
    BashOperator(task_id="ctx_env", bash_command="echo $AIRFLOW_CTX_DAG_ID.$AIRFLOW_CTX_TASK_ID.$AIRFLOW_CTX_TRY_NUMBER")
    BashOperator(task_id="cwd", bash_command="pwd", cwd="/tmp")
    BashOperator(task_id="empty_out", bash_command=":")
    BashOperator(task_id="pipefail", bash_command="false | true")
    BashOperator(task_id="no_errexit", bash_command="false; true")

# ---------------------------------------------------------------- branch
def join_variants(rule_list):
    return [E(f"join_{r}", trigger_rule=r) for r in rule_list]

JR = ["all_success", "none_failed", "none_failed_min_one_success", "one_success", "all_done", "none_skipped", "all_skipped"]

with mk("o_branch_join_rules"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: "x")
    x, y = E("x"), E("y")
    br >> [x, y]
    for j in join_variants(JR):
        [x, y] >> j

with mk("o_branch_list"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: ["x", "z"])
    br >> [E("x"), E("y"), E("z")]

with mk("o_branch_none"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: None)
    br >> [E("x"), E("y")] >> E("join", trigger_rule="none_failed_min_one_success")

with mk("o_branch_empty_list"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: [])
    br >> [E("x"), E("y")]

with mk("o_branch_invalid"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: "nope")
    br >> [E("x"), E("y")]

with mk("o_branch_bad_type"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: 5)
    br >> E("x")

with mk("o_branch_taskgroup"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: "g1")
    with TaskGroup("g1") as g1:
        E("a") >> E("b")
    with TaskGroup("g2") as g2:
        E("a") >> E("b")
    br >> [g1, g2] >> E("join", trigger_rule="none_failed_min_one_success")

with mk("o_branch_nested"):
    b1 = BranchPythonOperator(task_id="b1", python_callable=lambda: "t1")
    b2 = BranchPythonOperator(task_id="b2", python_callable=lambda: "t2")
    j1 = E("j1", trigger_rule="none_failed_min_one_success")
    j2 = E("j2", trigger_rule="none_failed_min_one_success")
    b1 >> E("t1") >> j1
    b1 >> E("f1") >> b2 >> [E("t2"), E("f2")] >> j2 >> E("f3") >> j1

with mk("o_branch_empty_operator_join_skip_propagation"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: "x")
    br >> E("x") >> E("x2")
    br >> E("y") >> E("y2") >> E("y3", trigger_rule="all_done")

with mk("o_base_branch_operator"):
    class MyBranch(BaseBranchOperator):
        def choose_branch(self, context):
            return "even" if context["logical_date"].day % 2 == 0 else "odd"
    MyBranch(task_id="br") >> [E("even"), E("odd")]

with mk("o_task_branch_decorator"):
    @task.branch
    def pick(v):
        return "big" if v > 10 else "small"
    pick(11) >> [E("big"), E("small")]

# ---------------------------------------------------------------- short circuit
with mk("o_short_circuit_true"):
    ShortCircuitOperator(task_id="sc", python_callable=lambda: True) >> E("a") >> E("b")

with mk("o_short_circuit_false"):
    sc = ShortCircuitOperator(task_id="sc", python_callable=lambda: False)
    sc >> E("a") >> E("b") >> E("c", trigger_rule="all_done")

with mk("o_short_circuit_respect"):
    sc = ShortCircuitOperator(task_id="sc", python_callable=lambda: False, ignore_downstream_trigger_rules=False)
    sc >> E("a") >> E("b") >> E("c", trigger_rule="all_done")

with mk("o_short_circuit_other_path"):
    sc = ShortCircuitOperator(task_id="sc", python_callable=lambda: [])
    other = P("other")
    [sc, other] >> E("join_default")
    [sc, other] >> E("join_all_done", trigger_rule="all_done")

with mk("o_short_circuit_truthy"):
    ShortCircuitOperator(task_id="sc0", python_callable=lambda: 0) >> E("a0")
    ShortCircuitOperator(task_id="sc1", python_callable=lambda: "yes") >> E("a1")
    ShortCircuitOperator(task_id="scn", python_callable=lambda: None) >> E("an")

with mk("o_short_circuit_teardown"):
    s = E("s").as_setup()
    sc = ShortCircuitOperator(task_id="sc", python_callable=lambda: False)
    w = E("w")
    t = E("t").as_teardown(setups=s)
    s >> sc >> w >> t

# ---------------------------------------------------------------- latest only
with mk("o_latest_only_manual"):
    LatestOnlyOperator(task_id="lo") >> E("a") >> E("b", trigger_rule="all_done")

# ---------------------------------------------------------------- run_if / skip_if / pre_execute
with mk("o_run_if_skip_if"):
    @task.run_if(lambda c: c["params"].get("x") == 1, skip_message="no")
    @task
    def runs_if_1():
        return "ran"
    @task.skip_if(lambda c: True)
    @task
    def always_skipped():
        return "ran"
    @task.run_if(lambda c: (False, "because"))
    @task
    def not_run():
        return "ran"
    runs_if_1() >> E("after1")
    always_skipped() >> E("after2")
    not_run()
dag_runif = None

# ---------------------------------------------------------------- setup / teardown
def st(dag_id, s, w, t, extra=None, of=False):
    with mk(dag_id):
        ss = s("s").as_setup()
        ww = w("w")
        tt = t("t").as_teardown(setups=ss, on_failure_fail_dagrun=of)
        ss >> ww >> tt
        if extra:
            tt >> extra("after")

st("o_std_all_ok", E, E, E)
st("o_std_work_fails", E, F, E)
st("o_std_setup_fails", F, E, E)
st("o_std_setup_skips", K, E, E)
st("o_std_work_skips", E, K, E)
st("o_std_teardown_fails", E, E, F)
st("o_std_teardown_fails_flag", E, E, F, of=True)
st("o_std_after_teardown_ok", E, E, E, extra=E)
st("o_std_after_teardown_failed", E, E, F, extra=E)

# ---------------------------------------------------------------- mapping
with mk("o_map_literal"):
    @task
    def add(x):
        return x + 1
    @task
    def total(vs):
        return sum(vs)
    total(add.expand(x=[1, 2, 3]))

with mk("o_map_zero"):
    @task
    def empty():
        return []
    @task
    def m(x):
        return x
    @task
    def down(vs):
        return list(vs)
    @task(trigger_rule="all_done")
    def down_all_done(vs):
        return vs if vs is None else list(vs)
    mm = m.expand(x=empty())
    down(mm)
    down_all_done(mm)

with mk("o_map_zero_literal"):
    @task
    def m(x):
        return x
    m.expand(x=[]) >> E("after")

with mk("o_map_str"):
    @task
    def s():
        return "abc"
    @task
    def m(x):
        return x
    m.expand(x=s())

with mk("o_map_product"):
    @task
    def m(a, b):
        return f"{a}{b}"
    @task
    def c(vs):
        return list(vs)
    c(m.expand(a=[1, 2, 3], b=["x", "y"]))

with mk("o_map_product_zero"):
    @task
    def e():
        return []
    @task
    def m(a, b):
        return f"{a}{b}"
    m.expand(a=[1, 2], b=e())

with mk("o_map_expand_kwargs_bad"):
    @task
    def src():
        return [{"a": 1}, 5]
    @task
    def m(a):
        return a
    m.expand_kwargs(src())

with mk("o_map_partial"):
    @task
    def m(a, b):
        return a + b
    m.partial(b=10).expand(a=[1, 2])
    BashOperator.partial(task_id="bash", do_xcom_push=True).expand(bash_command=["echo a", "echo b", "exit 99"])

with mk("o_map_fn_skip"):
    @task
    def src():
        return [1, 2, 3, 4]
    def even_only(x):
        if x % 2:
            raise AirflowSkipException
        return x * 10
    @task
    def m(x):
        return x
    @task(trigger_rule="none_failed")
    def c(vs):
        return list(vs)
    c(m.expand(x=src().map(even_only)))

with mk("o_map_zip"):
    @task
    def a():
        return [1, 2, 3]
    @task
    def b():
        return ["x", "y"]
    @task
    def m(t):
        return list(t)
    m.override(task_id="z").expand(t=a().zip(b()))
    m.override(task_id="zl").expand(t=a().zip(b(), fillvalue=None))

with mk("o_map_concat"):
    @task
    def a():
        return [1, 2]
    @task
    def b():
        return [3]
    @task
    def m(x):
        return x
    m.expand(x=a().concat(b()))

with mk("o_map_one_skips"):
    @task
    def m(x):
        if x == 2:
            raise AirflowSkipException
        return x
    mm = m.expand(x=[1, 2, 3])
    @task
    def c(vs):
        return list(vs)
    @task(trigger_rule="none_failed")
    def c_nf(vs):
        return list(vs)
    c(mm)
    c_nf(mm)

with mk("o_map_group_zero"):
    @task
    def e():
        return []
    @task_group
    def g(n):
        @task
        def a(n):
            return n
        @task
        def b(n):
            return n
        b(a(n))
    g.expand(n=e()) >> E("after")

with mk("o_map_index_template"):
    @task(map_index_template="{{ my }}")
    def m(x):
        get_current_context()["my"] = f"item-{x}"
        return x
    m.expand(x=["a", "b"])
    BashOperator.partial(task_id="b", map_index_template="{{ task.bash_command }}").expand(bash_command=["echo 1", "echo 2"])

with mk("o_map_unmapped_xcom_pull"):
    @task
    def m(x):
        return x
    @task
    def pull(ti=None):
        v = ti.xcom_pull(task_ids="m")
        w = ti.xcom_pull(task_ids="m", map_indexes=[2, 0])
        z = ti.xcom_pull(task_ids="m", map_indexes=1)
        n = ti.xcom_pull(task_ids="nope")
        n2 = ti.xcom_pull(task_ids=["m", "nope"])
        return {"all": list(v), "sel": list(w), "one": z, "missing": n, "list": list(n2)}
    m.expand(x=[10, 20, 30]) >> pull()

with mk("o_map_branch_downstream"):
    @task.branch
    def br():
        return "m"
    @task
    def m(x):
        return x
    @task
    def n(x):
        return x
    br() >> [m.expand(x=[1, 2]), n.expand(x=[1, 2])]

# ---------------------------------------------------------------- xcom / taskflow
with mk("o_multiple_outputs"):
    @task(multiple_outputs=True)
    def mo():
        return {"a": 1, "b": [2, 3]}
    @task
    def dct() -> dict[str, int]:
        return {"c": 1}
    @task
    def tup():
        return (1, 2)
    @task
    def use(a, b, c):
        return [a, b, c]
    m = mo()
    use(m["a"], m["b"], dct()["c"])
    tup()

with mk("o_xcom_misc"):
    @task
    def push(ti=None):
        ti.xcom_push(key="k", value={"n": 1})
        return None
    @task
    def pull(ti=None):
        return [ti.xcom_pull(task_ids="push", key="k"), ti.xcom_pull(task_ids="push"), ti.xcom_pull(task_ids="push", key="zz", default="dflt")]
    @task(do_xcom_push=False)
    def nopush():
        return 5
    push() >> pull()
    nopush()
    BashOperator(task_id="tmpl", bash_command="echo {{ ti.xcom_pull(task_ids='push', key='k')['n'] }}").set_upstream([t for t in []]) if False else None

with mk("o_xcom_template"):
    a = P("a", {"n": 1, "l": [1, 2]})
    b = BashOperator(task_id="b", bash_command="echo {{ ti.xcom_pull(task_ids='a')['n'] }}/{{ ti.xcom_pull('a')['l'] | length }}")
    c = BashOperator(task_id="c", bash_command=a.output.map(lambda x: x) if False else "echo {{ task_instance.xcom_pull(task_ids='a', key='return_value')['l'][1] }}")
    a >> [b, c]

with mk("o_async_and_generator"):
    @task
    async def co():
        return 7
    @task
    def gen():
        return list(i for i in range(3))
    co()
    gen()

# ---------------------------------------------------------------- templating / params
TPL = {
    "ds": "{{ ds }}", "ds_nodash": "{{ ds_nodash }}", "ts": "{{ ts }}", "ts_nodash": "{{ ts_nodash }}", "ts_nodash_with_tz": "{{ ts_nodash_with_tz }}",
    "dis": "{{ data_interval_start }}", "die": "{{ data_interval_end }}", "ld": "{{ logical_date }}", "ld_fmt": "{{ logical_date.strftime('%Y/%m') }}", "ld_add": "{{ (logical_date + macros.timedelta(days=1)) | ds }}",
    "ds_add": "{{ macros.ds_add(ds, -3) }}", "ds_format": "{{ macros.ds_format(ds, '%Y-%m-%d', '%d.%m.%y') }}", "f_ds": "{{ logical_date | ds }}", "f_dsn": "{{ logical_date | ds_nodash }}", "f_ts": "{{ logical_date | ts }}", "f_tsn": "{{ logical_date | ts_nodash }}", "f_tstz": "{{ logical_date | ts_nodash_with_tz }}",
    "dag": "{{ dag.dag_id }}", "task": "{{ task.task_id }}", "ti": "{{ ti.task_id }}/{{ task_instance.try_number }}", "run": "{{ run_id.split('__')[0] }}", "key": "{{ task_instance_key_str }}", "param": "{{ params.p }}/{{ params['q'] }}", "conf": "{{ dag_run.conf.get('z', 'none') }}",
    "var": "{{ var.value.get('missing', 'fallback') }}", "var2": "{{ var.value.o_var }}", "varj": "{{ var.json.o_json.k[1] }}", "conn": "{{ conn.o_conn.host }}:{{ conn.o_conn.port }}/{{ conn.o_conn.schema }}", "mac": "{{ hello('x') }}", "fil": "{{ 'abc' | shout }}", "mapidx": "{{ ti.map_index }}", "nested": {"a": ["{{ ds }}", ("{{ ds_nodash }}",)]}, "raw": "{% raw %}{{ ds }}{% endraw %}", "math": "{{ 1 + 1 }}", "trail": "line\n",
}
with mk("o_templates", params={"p": 1, "q": Param("two", type="string")}, user_defined_macros={"hello": lambda s: f"hi {s}"}, user_defined_filters={"shout": lambda s: s.upper()}):
    PythonOperator(task_id="t", python_callable=lambda **kw: kw["templates_dict"], templates_dict=TPL)

with mk("o_templates_native", render_template_as_native_obj=True):
    PythonOperator(task_id="t", python_callable=lambda *a: [type(x).__name__ + ":" + str(x) for x in a], op_args=["{{ [1, 2] }}", "{{ 1 + 1 }}", "{{ ds }}", "{{ none }}", "{{ '0012' }}", "x{{ 1 }}"])

with mk("o_template_undefined"):
    BashOperator(task_id="t", bash_command="echo {{ not_defined_anywhere }}")

with mk("o_params_conf", params={"x": 1, "y": "base", "z": Param(5, type="integer", minimum=1, maximum=10)}):
    @task
    def p(params):
        return dict(params)
    p()
    P("unused")

# ---------------------------------------------------------------- sensors
with mk("o_sensor_soft_fail"):
    PythonSensor(task_id="s", python_callable=lambda: False, timeout=2, poke_interval=0.5, soft_fail=True) >> E("after")

with mk("o_sensor_pokereturn"):
    from airflow.sdk import PokeReturnValue
    @task.sensor(poke_interval=1, timeout=10)
    def s():
        return PokeReturnValue(is_done=True, xcom_value="v")
    @task
    def use(v):
        return v
    use(s())

with mk("o_sensor_raises_skip"):
    def r():
        raise AirflowSkipException
    PythonSensor(task_id="s", python_callable=r, timeout=5, poke_interval=1) >> E("after")

with mk("o_sensor_never_fail"):
    PythonSensor(task_id="s", python_callable=boom, timeout=2, poke_interval=0.5, never_fail=True)
    PythonSensor(task_id="s2", python_callable=boom, timeout=2, poke_interval=0.5, silent_fail=True)
    PythonSensor(task_id="s3", python_callable=boom, timeout=2, poke_interval=0.5, soft_fail=True)

# ---------------------------------------------------------------- callbacks
with mk("o_callbacks", on_success_callback=cb("dag_success"), on_failure_callback=cb("dag_failure")):
    P("ok", on_success_callback=cb("success"), on_execute_callback=cb("execute"), on_failure_callback=cb("failure"), on_skipped_callback=cb("skipped")) >> \
        F("bad", on_success_callback=cb("success"), on_execute_callback=cb("execute"), on_failure_callback=cb("failure"), on_skipped_callback=cb("skipped")) >> \
        P("never", on_success_callback=cb("success"), on_execute_callback=cb("execute"), on_failure_callback=cb("failure"), on_skipped_callback=cb("skipped"))
    K("sk", on_success_callback=cb("success"), on_execute_callback=cb("execute"), on_failure_callback=cb("failure"), on_skipped_callback=cb("skipped"))

with mk("o_callback_raises"):
    def bad_cb(context):
        ev("bad_cb")
        raise RuntimeError("cb")
    P("a", on_success_callback=[bad_cb, cb("second")]) >> E("b")

with mk("o_pre_post_execute"):
    def pre(context):
        ev("pre")
    def post(context, result=None):
        ev(f"post:{result}")
    def pre_bad(context):
        raise ValueError("pre")
    P("a", 5, pre_execute=pre, post_execute=post)
    P("b", 5, pre_execute=pre_bad)

# ---------------------------------------------------------------- structure
with mk("o_default_args", default_args={"retries": 0, "owner": "me", "bash_command": "echo from_default_args", "trigger_rule": "all_done"}):
    F("a") >> BashOperator(task_id="b")
    with TaskGroup("g", default_args={"trigger_rule": "all_success"}) as g:
        F("a") >> BashOperator(task_id="b")

with mk("o_taskgroup_ids"):
    with TaskGroup("g1"):
        E("a")
        with TaskGroup("g2", prefix_group_id=False):
            E("b")
            with TaskGroup("g3"):
                E("c")
    @task
    def dup(i):
        return i
    dup(1)
    dup(2)
    dup(3)

with mk("o_assets"):
    P("prod", outlets=[Asset("file:///tmp/x")])
