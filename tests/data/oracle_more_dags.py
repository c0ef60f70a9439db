# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""More of them, with the answers in `oracle_more_cases.json`."""
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
from airflow.sdk import dag, PokeReturnValue, AssetAlias, Metadata, XComArg, chain_linear, BaseSensorOperator
from airflow.sdk.exceptions import AirflowException, AirflowSensorTimeout

with mk("n_add_suffix"):
    for i in range(2):
        with TaskGroup("g", add_suffix_on_collision=True):
            E("a")

with mk("n_async"):
    @task
    async def a():
        import asyncio
        await asyncio.sleep(0)
        return 5
    @task
    def b(v):
        return v + 1
    b(a())

with mk("n_bash_decorator"):
    @task.bash
    def cmd(n):
        return f"echo got {n} {{{{ ds }}}}"
    @task.bash(env={"Q": "1"}, append_env=True)
    def cmd2():
        return "echo $Q"
    @task.bash
    def bad():
        return 5
    @task.bash
    def none_():
        return ""
    cmd(3)
    cmd2()
    bad()
    none_()

with mk("n_branch_direct_to_join"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: "join")
    j, j2 = E("join"), E("after", trigger_rule="none_failed_min_one_success")
    x = E("x")
    br >> x >> j
    br >> j >> j2

with mk("n_branch_in_group_full"):
    with TaskGroup("g"):
        br = BranchPythonOperator(task_id="br", python_callable=lambda: "g.a")
        br >> [E("a"), E("b")]

with mk("n_branch_in_group_relative"):
    with TaskGroup("g"):
        br = BranchPythonOperator(task_id="br", python_callable=lambda: "a")
        br >> [E("a"), E("b")]

with mk("n_branch_mixed_group_task"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: ["g1", "y"])
    with TaskGroup("g1") as g1:
        [E("a"), E("b")] >> E("c")
    br >> [g1, E("x"), E("y")]

with mk("n_branch_retry"):
    def chooser(ti):
        if ti.try_number < 2:
            raise ValueError
        return "x"
    br = BranchPythonOperator(task_id="br", python_callable=chooser, retries=2, retry_delay=timedelta(seconds=1))
    br >> [E("x"), E("y")]

with mk("n_branch_set"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: {"x"})
    br >> [E("x"), E("z")]

with mk("n_branch_to_far"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: "far")
    br >> E("x") >> E("far")

with mk("n_branch_tuple"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: ("x", "y"))
    br >> [E("x"), E("y"), E("z")]

with mk("n_branch_xcom"):
    @task.branch
    def pick():
        return ["x"]
    p = pick()
    @task(trigger_rule="none_failed")
    def what(v):
        return v
    p >> [E("x"), E("y")]
    what(p)

with mk("n_cb_skip_in_exec"):
    def skip_cb(context):
        raise AirflowSkipException
    P("a", 1, on_execute_callback=skip_cb)
    P("b", 1, on_execute_callback=cb("ex"), on_success_callback=[cb("s1"), cb("s2")])

with mk("n_cb_uf", default_args={"on_failure_callback": cb("failure"), "on_skipped_callback": cb("skipped")}):
    F("a") >> E("b") >> E("c")
    K("k") >> E("k2")

with mk("n_custom_op"):
    class Hello(BaseOperator):
        template_fields = ("name",)
        def __init__(self, *, name, **kw):
            super().__init__(**kw)
            self.name = name
        def execute(self, context):
            self.log.info("hi")
            return f"hi {self.name} {context['ds']}"
    h = Hello(task_id="h", name="{{ dag.dag_id }}")
    Hello(task_id="g", name=h.output)
    Hello.partial(task_id="m").expand(name=["x", "{{ ds }}"])

with mk("n_dag_cb_list", on_success_callback=[cb("d1"), cb("d2")]):
    P("only", 1)

with mk("n_empty_group"):
    with TaskGroup("g") as g:
        pass
    E("a") >> g >> E("b")

with mk("n_failfast_in_retry"):
    def ff(ti):
        if ti.try_number == 2:
            raise AirflowFailException("x")
        raise ValueError
    PythonOperator(task_id="a", python_callable=ff, retries=5, retry_delay=timedelta(seconds=0.2), on_failure_callback=cb("f"), on_retry_callback=cb("r"))

with mk("n_group_default_args", default_args={"retries": 0, "params": {"q": 1}}):
    with TaskGroup("g", default_args={"retries": 1, "retry_delay": timedelta(seconds=0.2)}):
        F("a")
        F("b", retries=0)

with mk("n_group_edges"):
    with TaskGroup("g1") as g1:
        E("a")
        F("b")
    with TaskGroup("g2") as g2:
        E("c") >> E("d")
    g1 >> g2 >> E("end", trigger_rule="all_done")

with mk("n_group_map"):
    @task_group
    def g(n, k):
        @task
        def a(n):
            if n == 2:
                raise ValueError
            return n
        @task
        def b(v, k):
            return v * k
        b(a(n), k)
    @task(trigger_rule="all_done")
    def c(): return "c"
    g.partial(k=10).expand(n=[1, 2, 3]) >> c()

with mk("n_group_map_branch"):
    @task_group
    def g(n):
        @task.branch
        def br(n):
            return "g.x" if n == 1 else "g.y"
        br(n) >> [E("x"), E("y")]
    g.expand(n=[1, 2])

with mk("n_group_map_kwargs"):
    @task_group
    def g(n, m):
        @task
        def a(n, m):
            return [n, m]
        a(n, m)
    g.expand_kwargs([{"n": 1, "m": 2}, {"n": 3, "m": 4}])

with mk("n_group_map_output"):
    @task_group
    def g(n):
        @task
        def a(n):
            return n + 1
        return a(n)
    @task
    def total(vs):
        return sum(vs)
    total(g.expand(n=[1, 2, 3]))

with mk("n_group_map_rule_always"):
    @task_group
    def g(n):
        @task
        def a(n):
            if n == 1:
                raise AirflowSkipException
            return n
        @task(trigger_rule="all_done")
        def b():
            return "b"
        a(n) >> b()
    g.expand(n=[1, 2])

with mk("n_group_map_xcom"):
    @task
    def src():
        return ["a", "b"]
    @task_group
    def g(n):
        a = BashOperator(task_id="a", bash_command="echo " + "{{ ti.map_index }}")
        @task
        def b(n, ti=None):
            return [n, ti.xcom_pull(task_ids="g.a", map_indexes=ti.map_index)]
        a >> b(n)
    g.expand(n=src())

with mk("n_labels_chain"):
    a, b, c, d = [E(x) for x in "abcd"]
    a >> Label("x") >> b
    chain(b, [c, d], E("e"))
    cross_downstream([a], [E("f"), E("g")])
    chain_linear([a, b], [E("h"), E("i")])

with mk("n_map_chain_map"):
    @task
    def src():
        return ["a", "b"]
    @task
    def m(v):
        return v
    m.expand(v=src().map(lambda s: s.upper()).map(lambda s: s + "!"))

with mk("n_map_concat_two"):
    @task
    def a():
        return [1]
    @task
    def b():
        return (2, 3)
    @task
    def m(x):
        return x
    m.expand(x=a().concat(b(), a()))

with mk("n_map_dict"):
    @task
    def src():
        return {"a": 1, "b": 2}
    @task
    def m(kv):
        return list(kv)
    m.expand(kv=src())
    m.override(task_id="lit").expand(kv={"x": 9})

with mk("n_map_expand_kwargs"):
    @task
    def m(a, b=5):
        return [a, b]
    m.expand_kwargs([{"a": 1}, {"a": 2, "b": 3}])
    BashOperator.partial(task_id="bash").expand_kwargs([{"bash_command": "echo $X", "env": {"X": "q"}}, {"bash_command": "echo 2"}])

with mk("n_map_expand_kwargs_xcom_map"):
    @task
    def src():
        return [1, 2]
    @task
    def m(a, b):
        return a * b
    m.expand_kwargs(src().map(lambda v: {"a": v, "b": 10}))

with mk("n_map_fail_one"):
    @task
    def m(x):
        if x == 2:
            raise ValueError
        return x
    @task
    def c(vs):
        return list(vs)
    @task(trigger_rule="all_done")
    def cd(vs):
        return list(vs)
    mm = m.expand(x=[1, 2, 3])
    c(mm)
    cd(mm)

with mk("n_map_fn_raises"):
    @task
    def src():
        return [1, 0]
    @task
    def m(x):
        return x
    m.expand(x=src().map(lambda v: 1 / v))

with mk("n_map_index_into"):
    @task
    def a(x):
        return [x, x * 10]
    @task
    def flat(vs):
        return [v for part in vs for v in part]
    @task
    def m(v):
        return v
    m.expand(v=flat(a.expand(x=[1, 2])))

with mk("n_map_index_template_fail"):
    @task(map_index_template="{{ task.op_kwargs['x'] }}")
    def m(x):
        raise ValueError
    m.expand(x=["a", "b"])

with mk("n_map_int"):
    @task
    def s():
        return 5
    @task
    def m(x):
        return x
    m.expand(x=s())

with mk("n_map_multiple_outputs"):
    @task(multiple_outputs=True)
    def src(x):
        return {"a": x, "b": [x]}
    @task
    def c(vs):
        return list(vs)
    c(src.expand(x=[1, 2])["a"])

with mk("n_map_none"):
    @task
    def s():
        return None
    @task
    def m(x):
        return x
    m.expand(x=s())

with mk("n_map_of_map"):
    @task
    def a(x):
        return x * 2
    @task
    def b(y):
        return y + 1
    @task
    def c(vs):
        return sum(vs)
    c(b.expand(y=a.expand(x=[1, 2, 3])))

with mk("n_map_of_map_fail"):
    @task
    def a(x):
        if x == 2:
            raise ValueError
        return x
    @task(trigger_rule="all_done")
    def b(y):
        return y
    b.expand(y=a.expand(x=[1, 2, 3]))

with mk("n_map_of_map_skip"):
    @task
    def a(x):
        if x == 2:
            raise AirflowSkipException
        return x
    @task(trigger_rule="none_failed")
    def b(y):
        return y
    b.expand(y=a.expand(x=[1, 2, 3]))

with mk("n_map_retry_one"):
    @task(retries=1, retry_delay=timedelta(seconds=0.2))
    def m(x, ti=None):
        if x == 2 and ti.try_number == 1:
            raise ValueError
        return [x, ti.map_index, ti.try_number]
    m.expand(x=[1, 2])

with mk("n_map_sensor"):
    PythonSensor.partial(task_id="s", poke_interval=0.1, timeout=0.5, python_callable=lambda v: v > 0).expand(op_args=[[1], [0]])

with mk("n_map_set"):
    @task
    def s():
        return {1}
    @task
    def m(x):
        return x
    m.expand(x=s())

with mk("n_map_short"):
    @task.short_circuit
    def sc(x):
        return x
    sc.expand(x=[0, 1]) >> E("after")

with mk("n_map_tuple"):
    @task
    def s():
        return (1, 2)
    @task
    def m(x):
        return x
    m.expand(x=s())

with mk("n_map_upstream_fails"):
    @task
    def src():
        raise ValueError
    @task
    def m(x):
        return x
    @task(trigger_rule="all_done")
    def end():
        return "e"
    m.expand(x=src()) >> end()

with mk("n_map_upstream_skips"):
    @task
    def src():
        raise AirflowSkipException
    @task
    def m(x):
        return x
    m.expand(x=src()) >> E("after", trigger_rule="none_failed")

with mk("n_map_xcom_lazy"):
    @task
    def m(x):
        return x
    @task
    def c(vs):
        return [len(vs), vs[0], vs[-1], [v for v in vs], list(vs[1:])]
    c(m.expand(x=[5, 6, 7]))

with mk("n_map_zip_three"):
    @task
    def a():
        return [1, 2]
    @task
    def b():
        return ["x", "y", "z"]
    @task
    def c():
        return [True]
    @task
    def m(t):
        return list(t)
    m.expand(t=a().zip(b(), c(), fillvalue="-"))

with mk("n_multiple_outputs_bad"):
    @task(multiple_outputs=True)
    def notdict():
        return [1]
    @task(multiple_outputs=True)
    def nonstr():
        return {1: 2}
    notdict()
    nonstr()

with mk("n_op_args_xcom"):
    s = P("s", [1, 2])
    PythonOperator(task_id="t", python_callable=lambda a, b=None: [a, b], op_args=[s.output], op_kwargs={"b": s.output[0] if False else "{{ ti.xcom_pull('s')[1] }}"})

with mk("n_outlet_extra"):
    @task(outlets=[Asset("s3://b/k")])
    def prod(*, outlet_events):
        outlet_events[Asset("s3://b/k")].extra = {"rows": 3}
        return 1
    @task(outlets=[Asset("s3://b/m")])
    def prod2():
        yield Metadata(Asset("s3://b/m"), {"q": 1})
    @task(outlets=[AssetAlias("al")])
    def prod3(*, outlet_events):
        outlet_events[AssetAlias("al")].add(Asset("s3://b/z"), extra={"z": 1})
    prod()
    prod2()
    prod3()

with mk("n_params_default_none", params={"a": Param(None, type=["null", "string"]), "b": Param([1], type="array"), "c": {"x": 1}}):
    @task
    def p(params):
        return dict(params)
    p()

with mk("n_params_task", params={"a": 1, "b": 2}):
    BashOperator(task_id="t", bash_command="echo {{ params.a }}{{ params.b }}{{ params.c }}", params={"b": 3, "c": 4})

with mk("n_post_fails"):
    def post_bad(context, result=None):
        raise ValueError
    P("a", 5, post_execute=post_bad)
    def pre_skip(context):
        raise AirflowSkipException
    P("b", 5, pre_execute=pre_skip) >> E("c")

with mk("n_retry_exhaust"):
    F("a", retries=2, retry_delay=timedelta(seconds=0.2), on_retry_callback=cb("retry"), on_failure_callback=[cb("f1"), cb("f2")])

with mk("n_rules_on_skip"):
    k, o, f = K("k"), E("o"), F("f")
    for r in ["all_done", "one_success", "one_failed", "one_done", "none_failed", "none_skipped", "all_skipped", "all_failed", "none_failed_min_one_success", "all_done_min_one_success", "always"]:
        [k, o] >> E("ko_" + r, trigger_rule=r)
        [k, f] >> E("kf_" + r, trigger_rule=r)
        [o, f] >> E("of_" + r, trigger_rule=r)
        k >> E("k_" + r, trigger_rule=r)
        f >> E("f_" + r, trigger_rule=r)

with mk("n_sc_decorator"):
    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def c():
        return ""
    c() >> E("a") >> E("b", trigger_rule="none_failed")

with mk("n_sc_value"):
    @task.short_circuit
    def c():
        return {"n": 3}
    @task
    def use(v):
        return v["n"]
    use(c())

with mk("n_sensor_bash"):
    BashSensor(task_id="ok", bash_command="exit 0", timeout=3, poke_interval=0.1)
    BashSensor(task_id="no", bash_command="exit 1", timeout=0.5, poke_interval=0.1)
    BashSensor(task_id="rc", bash_command="exit 5", retry_exit_code=1, timeout=1, poke_interval=0.1)

with mk("n_sensor_fail_exc"):
    PythonSensor(task_id="s", python_callable=boom, timeout=5, poke_interval=0.1, retries=1, retry_delay=timedelta(seconds=0.2), on_retry_callback=cb("r"))

with mk("n_sensor_reschedule"):
    def n_poke(ti, context=None):
        ev(f"poke:{ti.task_id}:{ti.try_number}")
        return len(open(EVENTS).read().split("poke:s")) > 2
    PythonSensor(task_id="s", python_callable=n_poke, timeout=60, poke_interval=0.2, mode="reschedule") >> E("after")

with mk("n_sensor_timeout"):
    PythonSensor(task_id="s", python_callable=lambda: False, timeout=0.5, poke_interval=0.1, retries=3, on_failure_callback=cb("f"), on_retry_callback=cb("r")) >> E("after")

with mk("n_sensor_xcom_op"):
    PythonSensor(task_id="s", python_callable=lambda: PokeReturnValue(is_done=True, xcom_value=[1]), timeout=3, poke_interval=0.1)
    PythonSensor(task_id="truthy", python_callable=lambda: "yes", timeout=3, poke_interval=0.1)

with mk("n_skip_if_order"):
    @task.run_if(lambda c: True)
    @task.skip_if(lambda c: (False, "m"))
    @task
    def a():
        return 1
    @task.skip_if(lambda c: c["ds"] == "2024-06-15")
    @task.bash
    def b():
        return "echo hi"
    a()
    b()

with mk("n_std_ctx"):
    @setup
    def s():
        return "res"
    @teardown
    def t(v):
        return v
    @task
    def w(v):
        return v + "!"
    ss = s()
    with t(ss) as tt:
        w(ss)

with mk("n_std_group_teardown_ignored"):
    with TaskGroup("g") as g:
        s = E("s").as_setup()
        w = E("w")
        t = F("t").as_teardown(setups=s)
        s >> w >> t
    g >> E("next")

with mk("n_std_mapped_teardown"):
    @task
    def mk_res(n):
        return n
    @task
    def use(n):
        if n == 2:
            raise ValueError
        return n
    @task
    def rm(ns):
        return list(ns)
    r = mk_res.expand(n=[1, 2])
    u = use.expand(n=r)
    d = rm(r)
    u >> d.as_teardown(setups=r)

with mk("n_std_nested"):
    so = E("so").as_setup()
    to = E("to").as_teardown(setups=so)
    si = E("si").as_setup()
    ti_ = E("ti").as_teardown(setups=si)
    w = F("w")
    so >> si >> w >> ti_ >> to

with mk("n_std_setup_only_teardown"):
    s = E("s").as_setup()
    t = E("t").as_teardown(setups=s)
    s >> t

with mk("n_std_teardown_alone"):
    w = F("w")
    t = E("t").as_teardown()
    w >> t

with mk("n_std_teardown_skips"):
    s = E("s").as_setup()
    w = E("w")
    t = K("t").as_teardown(setups=s)
    s >> w >> t >> E("after")

with mk("n_std_two_setups_one_fails"):
    s1, s2 = E("s1").as_setup(), F("s2").as_setup()
    w = E("w")
    t = E("t").as_teardown(setups=[s1, s2])
    [s1, s2] >> w >> t

with mk("n_std_two_teardowns"):
    s = E("s").as_setup()
    w = F("w")
    t1 = E("t1").as_teardown(setups=s)
    t2 = F("t2").as_teardown(setups=s)
    s >> w >> [t1, t2]

with mk("n_std_work_fails_after"):
    s = E("s").as_setup()
    w = F("w")
    t = E("t").as_teardown(setups=s)
    s >> w >> t >> E("after")
    w >> E("after2")

with mk("n_taskflow_ctx"):
    @task
    def a(ds=None, ti=None, dag_run=None, params=None, logical_date=None, task=None, run_id=None):
        return [ds, ti.task_id, dag_run.run_type, dict(params), logical_date.isoformat(), task.task_id, run_id == dag_run.run_id]
    a()

with mk("n_taskflow_kwargs"):
    @task
    def a(x, *, y=2, **kwargs):
        return [x, y, "ds" in kwargs, kwargs.get("ds")]
    a(1)
    a.override(task_id="b", retries=0)(1, y=5)

with mk("n_taskflow_types"):
    @task
    def types():
        return {"td": timedelta(hours=1), "d": datetime(2024, 1, 2).date(), "set": {1}, "fs": frozenset([2]), "tup": (1, (2,)), "f": 1.5, "n": None, "b": True}
    @task
    def use(v):
        return sorted(type(x).__name__ for x in v.values())
    use(types())

with mk("n_taskflow_unserialisable"):
    @task
    def obj():
        return object()
    obj()

with mk("n_templated_args"):
    @task
    def a(x, y):
        return [x, y]
    a("{{ ds }}", {"k": ["{{ task.task_id }}", 1]})

with mk("n_trigger_rule_setup"):
    with TaskGroup("g") as g:
        s = E("s").as_setup()
        w = K("w")
        t = E("t").as_teardown(setups=s)
        s >> w >> t
    g >> E("after") 
    g >> E("after_done", trigger_rule="none_failed")

with mk("n_upstream_failed_chain"):
    F("a") >> E("b") >> E("c", trigger_rule="all_failed") >> E("d", trigger_rule="none_skipped")

with mk("n_xcom_retry_clean"):
    @task(retries=1, retry_delay=timedelta(seconds=0.2))
    def push(ti=None):
        if ti.try_number == 1:
            ti.xcom_push("first", 1)
            raise ValueError
        ti.xcom_push("second", 2)
    push()

with mk("p_branch_join_rule_success"):
    br = BranchPythonOperator(task_id="br", python_callable=lambda: "a")
    a, b, c = E("a"), E("b"), F("c")
    br >> [a, b]
    [a, b, c] >> E("nfmos", trigger_rule="none_failed_min_one_success")
    [a, b, c] >> E("os", trigger_rule="one_success")
    [a, b] >> E("nf", trigger_rule="none_failed") >> E("tail")
    b >> E("b2") >> E("b3", trigger_rule="none_failed")

with mk("p_branch_nested_groups"):
    @task.branch
    def br(): return "o.i"
    with TaskGroup("o") as o:
        with TaskGroup("i") as i:
            E("a") >> E("b")
        E("c")
    br() >> [i, E("z")]
    br_ = None

with mk("p_branch_ops"):
    from airflow.providers.standard.operators.datetime import BranchDateTimeOperator
    from airflow.providers.standard.operators.weekday import BranchDayOfWeekOperator
    BranchDateTimeOperator(task_id="bd", use_task_logical_date=True, target_lower=datetime(2024, 6, 15, 10, 0, tzinfo=timezone.utc), target_upper=datetime(2024, 6, 15, 11, 0, tzinfo=timezone.utc), follow_task_ids_if_true="y", follow_task_ids_if_false=["n"]) >> [E("y"), E("n")]
    BranchDayOfWeekOperator(task_id="bw", use_task_logical_date=True, week_day=["Saturday", "Sunday"], follow_task_ids_if_true="wy", follow_task_ids_if_false="wn") >> [E("wy"), E("wn")]

with mk("p_cb_mapped"):
    @task(on_failure_callback=cb("f"), on_success_callback=cb("s"))
    def m(x):
        return 1 / x
    m.expand(x=[1])

with mk("p_cb_order"):
    def flaky(ti):
        ev(f"run:{ti.task_id}:{ti.try_number}")
        if ti.try_number == 1:
            raise ValueError
    PythonOperator(task_id="a", python_callable=flaky, retries=1, retry_delay=timedelta(seconds=0.1), on_execute_callback=[cb("e1"), cb("e2")], on_retry_callback=cb("r"), on_success_callback=cb("s"))

with mk("p_cb_sensor"):
    PythonSensor(task_id="s", python_callable=lambda: False, timeout=0.3, poke_interval=0.1, soft_fail=True, on_skipped_callback=cb("sk"), on_failure_callback=cb("f"))
    PythonSensor(task_id="t", python_callable=lambda: False, timeout=0.3, poke_interval=0.1, on_skipped_callback=cb("sk"), on_failure_callback=cb("f"))

with mk("p_custom_sensor"):
    class S(BaseSensorOperator):
        template_fields = ("x",)
        def __init__(self, *, x, **kw):
            super().__init__(**kw)
            self.x = x
        def poke(self, context):
            return PokeReturnValue(self.x == "2024-06-15", self.x)
    S(task_id="s", x="{{ ds }}", poke_interval=0.1, timeout=3)
    S(task_id="t", x="no", poke_interval=0.1, timeout=0.3)

with mk("p_dag_cb_ok", on_success_callback=lambda context: ev(f"dag:{context['reason']}:{context['ti'].task_id}")):
    P("only", 1)

with mk("p_dag_cb_reason", on_failure_callback=lambda context: ev(f"dag:{context['reason']}:{context['dag_run'].state}"), on_success_callback=lambda context: ev("dag:never")):
    F("a")

@dag(schedule=None, start_date=S0, dag_id="p_dag_params")
def p_dag_params(a: int = 5, b: str = "x", c=None):
    @task
    def t(a, b, c): return [a, b, c]
    BashOperator(task_id="bash", bash_command="echo {{ params.a }}-{{ params.b }}")
    t(a, b, c)
p_dag_params()

with mk("p_deep_skip"):
    K("k") >> E("a") >> E("b") >> E("c", trigger_rule="all_done") >> E("d", trigger_rule="all_skipped")

with mk("p_defer_now"):
    from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor
    from airflow.providers.standard.sensors.date_time import DateTimeSensor
    TimeDeltaSensor(task_id="a", delta=timedelta(seconds=0), poke_interval=0.1, timeout=5)
    DateTimeSensor(task_id="b", target_time="{{ ds }}T00:00:00+00:00", poke_interval=0.1, timeout=5)

with mk("p_empty_dag"):
    pass

with mk("p_generators"):
    @task
    def g():
        return list(range(3))
    @task
    def r(): return range(3).stop
    g(); r()

with mk("p_jinja_fail"):
    BashOperator(task_id="syntax", bash_command="echo {{ ds ")
    BashOperator(task_id="undefattr", bash_command="echo {{ params.nope }}")
    BashOperator(task_id="undeffn", bash_command="echo {{ nofn() }}")
    BashOperator(task_id="conf", bash_command="echo {{ dag_run.conf['x'] }}")
    BashOperator(task_id="varmissing", bash_command="echo {{ var.value.nope_x }}")
    BashOperator(task_id="default_ok", bash_command="echo {{ nope | default('d') }}")

with mk("p_jinja_undefined_lax", template_undefined=__import__("jinja2").Undefined):
    BashOperator(task_id="a", bash_command="echo [{{ nope }}]")

with mk("p_leaf_teardown_only_fails"):
    a = F("a")
    t = E("t").as_teardown()
    a >> t

with mk("p_map_all_skip"):
    @task
    def m(x): raise AirflowSkipException
    @task
    def c(v): return 1
    @task(trigger_rule="all_done")
    def d(v): return list(v)
    mm = m.expand(x=[1, 2])
    c(mm)
    d(mm)

with mk("p_map_expand_two_xcoms"):
    @task
    def a(): return [1, 2]
    @task
    def b(): return {"k": "v", "l": "w"}
    @task
    def m(x, y): return [x, list(y)]
    m.expand(x=a(), y=b())

with mk("p_map_group_fail_join"):
    @task_group
    def g(n):
        @task
        def a(n):
            if n == 1: raise ValueError
            return n
        a(n)
    @task(trigger_rule="one_success")
    def j(): return "j"
    @task(trigger_rule="all_success")
    def k(): return "k"
    gg = g.expand(n=[1, 2])
    gg >> [j(), k()]

with mk("p_map_group_in_group"):
    with TaskGroup("w"):
        @task_group
        def g(n):
            @task
            def a(n, ti=None): return [n, ti.task_id, ti.map_index]
            a(n)
        g.expand(n=["x", "y"])

with mk("p_map_group_nested"):
    @task_group
    def outer(n):
        @task
        def a(n): return n
        @task_group
        def inner(v):
            @task
            def b(v): return v * 2
            return b(v)
        return inner(a(n))
    @task
    def c(vs): return list(vs)
    c(outer.expand(n=[1, 2]))

with mk("p_map_group_two_args"):
    @task_group
    def g(a, b):
        @task
        def t(a, b): return f"{a}{b}"
        t(a, b)
    g.expand(a=[1, 2], b=["x", "y"])

with mk("p_map_kwargs_partial_clash_free"):
    @task
    def src(): return [{"b": 1}, {"b": 2}]
    @task
    def m(a, b, c=3): return [a, b, c]
    m.partial(a=0, c=9).expand_kwargs(src())

with mk("p_map_of_short"):
    @task.short_circuit
    def sc(x):
        return x
    @task
    def m(y):
        return y
    s = sc.expand(x=[0, 1])
    s >> m.expand(y=[10, 20])

with mk("p_map_operator_product"):
    BashOperator.partial(task_id="b", append_env=True).expand(bash_command=["echo $A 1", "echo $A 2"], env=[{"A": "x"}, {"A": "y"}])

with mk("p_map_override"):
    @task
    def m(x): return x
    m.override(task_id="n", retries=0, trigger_rule="all_done").expand(x=[1])

with mk("p_map_pull_indexes"):
    @task
    def m(x): return x * 2
    @task
    def p(ti=None):
        return [list(ti.xcom_pull(task_ids="m", map_indexes=[0, 2])), ti.xcom_pull(task_ids="m", map_indexes=0), list(ti.xcom_pull(task_ids=["m"], map_indexes=[1])), ti.xcom_pull(task_ids="m", map_indexes=9)]
    m.expand(x=[1, 2, 3]) >> p()

with mk("p_map_rules"):
    @task
    def m(x):
        if x == 1: raise AirflowSkipException
        if x == 2: raise ValueError
        return x
    mm = m.expand(x=[0, 1, 2])
    for r in ["one_success", "one_failed", "all_done", "none_failed", "none_failed_min_one_success", "one_done", "none_skipped", "all_failed", "all_skipped"]:
        mm >> E("r_" + r, trigger_rule=r)

with mk("p_map_setup_teardown_group"):
    @task_group
    def g(n):
        @setup
        def s(n): return n
        @teardown
        def t(n): return n
        @task
        def w(n):
            if n == 1: raise ValueError
            return n
        r = s(n)
        w(r) >> t(r)
        r >> w(r) if False else None
    g.expand(n=[1, 2])

with mk("p_map_str_elements"):
    @task
    def m(x): return x
    m.expand(x="abc".split("b"))

with mk("p_map_templated"):
    @task
    def m(x, y): return [x, y]
    m.partial(y="{{ ds }}").expand(x=["{{ ti.map_index }}", "plain"])
    BashOperator.partial(task_id="b").expand(bash_command=["echo {{ ti.map_index }}-{{ ds }}"])

with mk("p_map_upstream_all"):
    @task
    def up(): return 1
    @task
    def m(x): return x
    f = F("f")
    f >> m.expand(x=[1, 2]) >> E("z", trigger_rule="all_done")

with mk("p_map_zero_kwargs"):
    @task
    def src(): return []
    @task
    def m(b): return b
    m.expand_kwargs(src()) >> E("after", trigger_rule="all_done")

with mk("p_multi_out_typing"):
    from typing import Dict, Any
    @task
    def d1() -> Dict[str, Any]: return {"a": 1}
    @task
    def d2() -> dict: return {"a": 1}
    @task(multiple_outputs=False)
    def d3() -> dict: return {"a": 1}
    @task
    def d4() -> "dict[str, int]": return {"a": 1}
    @task
    def d5(): return {"a": 1}
    d1(); d2(); d3(); d4(); d5()

with mk("p_native", render_template_as_native_obj=True, params={"l": [1, 2], "d": {"a": 1}}):
    PythonOperator(task_id="t", python_callable=lambda *a: [[type(x).__name__, str(x)] for x in a], op_args=["{{ params.l }}", "{{ params.d }}", "{{ params.l[0] }}", "{{ true }}", "a {{ params.l }}", "{{ logical_date }}", "{{ '1,2' }}", "{{ 1.5 }}", "{{ 'None' }}", "{{ [] }}"])

with mk("p_params_nested", params={"o": {"a": {"b": [1, 2]}}, "l": Param(["x"], type="array"), "n": Param(None, type=["null", "integer"])}):
    BashOperator(task_id="t", bash_command="echo {{ params.o.a.b[1] }} {{ params['l'][0] }} {{ params.n }}")
    @task
    def p(params): return [params["o"], type(params).__name__]
    p()

with mk("p_run_if_map"):
    @task.run_if(lambda ctx: ctx["ti"].map_index != 1)
    @task
    def m(x): return x
    m.expand(x=[1, 2, 3])

with mk("p_sensor_soft_exc"):
    def skip_fail(): raise AirflowFailException("x")
    PythonSensor(task_id="ff", python_callable=skip_fail, soft_fail=True, timeout=2, poke_interval=0.1)
    PythonSensor(task_id="ff2", python_callable=skip_fail, timeout=2, poke_interval=0.1, retries=2, retry_delay=timedelta(seconds=0.1))
    PythonSensor(task_id="sil", python_callable=lambda: 1/0, silent_fail=True, timeout=0.4, poke_interval=0.1)

with mk("p_sensor_task"):
    @task.sensor(poke_interval=0.1, timeout=5, mode="reschedule")
    def s(ti=None):
        return PokeReturnValue(is_done=ti.task_id == "s", xcom_value={"a": 1})
    @task.sensor(poke_interval=0.1, timeout=0.3, soft_fail=True)
    def never(): return False
    @task.sensor(poke_interval=0.1, timeout=5)
    def b(): return True
    s()
    never() >> E("after")
    b()

with mk("p_setup_chain_fail"):
    s1 = F("s1").as_setup()
    s2 = E("s2").as_setup()
    t1 = E("t1").as_teardown(setups=s1)
    t2 = E("t2").as_teardown(setups=s2)
    w = E("w")
    s1 >> s2 >> w >> t2 >> t1

with mk("p_setup_deco_multi"):
    @setup
    def s1(): return 1
    @setup
    def s2(): raise ValueError
    @teardown
    def t1(v): return v
    @task
    def w(): return "w"
    a, b = s1(), s2()
    with t1(a):
        w()
        b

with mk("p_setup_parallel_work"):
    s = E("s").as_setup()
    t = E("t").as_teardown(setups=s)
    a, b = F("a"), E("b")
    s >> [a, b] >> t
    b >> E("c")

with mk("p_task_kwargs_clash"):
    @task
    def a(ds, params, x=1): return [ds, dict(params), x]
    a(x="{{ ds }}")
    def legacy(ds, **context): return [ds, context["run_id"][:6], context["task"].task_id]
    PythonOperator(task_id="l", python_callable=legacy, op_kwargs={})
    PythonOperator(task_id="pos", python_callable=lambda x, y, ds: [x, y, ds], op_args=[1, 2])

with mk("p_task_native"):
    @task(render_template_as_native_obj=True) if False else task
    def t(x): return x
    t("{{ [1,2] }}")

with mk("p_teardown_branch"):
    s = E("s").as_setup()
    t = E("t").as_teardown(setups=s)
    br = BranchPythonOperator(task_id="br", python_callable=lambda: "x")
    x, y = E("x"), E("y")
    s >> br >> [x, y] >> t

with mk("p_teardown_fail_flag_group"):
    with TaskGroup("g") as g:
        s = E("s").as_setup()
        t = F("t").as_teardown(setups=s, on_failure_fail_dagrun=True)
        s >> E("w") >> t
    g >> E("n")

with mk("p_dates"):
    E("future", start_date=datetime(2030, 1, 1, tzinfo=timezone.utc))
    E("past", end_date=datetime(2024, 1, 1, tzinfo=timezone.utc))
    E("ok") >> E("ok2")

with mk("p_timeout_catch"):
    def catches():
        import time
        try:
            time.sleep(5)
        except Exception:
            return "caught"
    PythonOperator(task_id="a", python_callable=catches, execution_timeout=timedelta(seconds=0.5))

with mk("p_weird_ids"):
    E("a.b-c_d")
    with TaskGroup("g-1"):
        E("x")
    BashOperator(task_id="ctx", bash_command="echo $AIRFLOW_CTX_TASK_ID $AIRFLOW_CTX_DAG_RUN_ID $AIRFLOW_CTX_LOGICAL_DATE" " | cut -c1-20")

with mk("p_xcom_missing"):
    @task
    def none(): return None
    @task
    def use(v): return [v]
    use(none())
    @task
    def d(): return {"a": 1}
    @task
    def use2(v): return v
    use2(d()["nope"])

with mk("p_xcom_ops"):
    class Op(BaseOperator):
        template_fields = ("a", "b")
        def __init__(self, a, b=None, **kw):
            super().__init__(**kw)
            self.a, self.b = a, b
        def execute(self, context):
            return [self.a, self.b]
    x = Op(task_id="x", a={"k": [1, 2]})
    Op(task_id="y", a=x.output[0], b={"n": x.output, "t": ("{{ ds }}", x.output[0]["k"])}) if False else Op(task_id="y", a=x.output, b={"n": [x.output]})
    @task
    def tf(v, w=None): return [v, w]
    tf([x.output, 1], w={"q": x.output})

with mk("p_xcom_pull_forms"):
    a, b = P("a", 1), P("b", {"z": 2})
    @task
    def pull(ti=None, task_instance=None):
        return [ti.xcom_pull("a"), ti.xcom_pull(["a", "b"]), ti.xcom_pull(task_ids="b")["z"], ti.xcom_pull(task_ids="a", key="nope"), ti.xcom_pull(task_ids=["a", "nope"]), ti is task_instance, ti.xcom_pull(task_ids="a", dag_id="p_xcom_pull_forms"), ti.xcom_pull(task_ids="a", run_id=ti.run_id)]
    [a, b] >> pull()

with mk("p_xcom_self"):
    @task
    def s(ti=None):
        ti.xcom_push("k", 1)
        return [ti.xcom_pull(task_ids="s", key="k"), ti.xcom_pull(key="k", task_ids=None) if False else 1]
    s()
