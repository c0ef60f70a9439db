"""What a DAG file may say, said in files that run: arguments of DAGs and operators, groups, limits, params, context."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.engine_kit import Engine, engine_in
from tests.integration.mapping_kit import result, results, states
from tui_flow.state import RunState


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("language")) as engine:
        engine.dag_file("templates/word.txt", "{{ ds_nodash[:2] }} {{ shout(params.who) }}")
        engine.dag_file("guide.md", "# A guide")
        yield engine.start()


DAG_ARGUMENTS = """
import os
import jinja2
from tui_flow import DAG, BaseOperator, BashOperator, TaskGroup, chain_linear, task

class Templated(BaseOperator):
    template_fields = ("text", "number")
    template_ext = (".txt",)
    template_fields_renderers = {"text": "md"}
    operator_extra_links = ()

    def __init__(self, *, text, number="{{ 40 + 2 }}", **kwargs):
        super().__init__(**kwargs)
        self.text, self.number = text, number

    def prepare_template(self):
        self.prepared = self.text.startswith("{{ ds_nodash") or not self.text.endswith(".txt")

    def execute(self, context):
        return [self.text, self.number, self.prepared, context["task"].owner]

dag = DAG(
    "arguments",
    description="all of them",
    doc_md="guide.md",
    tags=["a", "b"],
    dag_display_name="Every argument",
    owner_links={"eve": "https://example.org"},
    default_args={"owner": "eve", "retries": 1, "retry_delay": 0, "params": {"who": "bob"}, "queue": "q"},
    params={"n": 3},
    template_searchpath=os.path.join(os.path.dirname(__file__), "templates"),
    user_defined_macros={"shout": str.upper, "seven": 7},
    user_defined_filters={"twice": lambda value: value * 2},
    jinja_environment_kwargs={"lstrip_blocks": True},
    template_undefined=jinja2.Undefined,
    render_template_as_native_obj=True,
    access_control={"x": {"can_read"}},
    sla_miss_callback=print,
    default_view="graph",
    orientation="LR",
)
dag.doc_md = dag.doc_md + " of all"

@dag.task(multiple_outputs=True, templates_dict={"t": "word.txt"}, templates_exts=[".txt"],
          show_return_value_in_logs=False)
def keys(templates_dict=None, **context):
    return {"dict": templates_dict["t"], "params": dict(context["params"]), "tried": context["try_number"]}

with dag:
    file = Templated(task_id="file", text="word.txt", queue="other", run_as_user="me", executor="x",
                     executor_config={"a": 1}, resources={"cpus": 1}, logger_name="mine", ui_color="#123456",
                     task_display_name="The file", doc="text")
    native = Templated(task_id="native", text="{{ [1, 2] | twice }}", number="{{ seven }}{{ nothing }}")
    text = Templated(task_id="text", text="{{ '0012' }}", render_template_as_native_obj=False)
    with TaskGroup("g", prefix_group_id=False, tooltip="a group", group_display_name="Group",
                   default_args={"owner": "group"}) as outer:
        inner = Templated(task_id="inner", text="x")
    with TaskGroup("h"):
        a = BashOperator(task_id="a", bash_command="echo a; false || true")
    with TaskGroup("h", add_suffix_on_collision=True):
        b = BashOperator(task_id="b", bash_command="exit 99")
    c = BashOperator(task_id="c", bash_command="false | true", do_xcom_push=False)
    chain_linear([file, native], [text, inner], [a, b, c])
    keys() >> file
"""


def test_arguments_of_dags_operators_and_groups(engine: Engine) -> None:
    assert result(engine, "arguments", DAG_ARGUMENTS) is RunState.SUCCESS
    found = results(engine, "arguments")
    said = found["keys"]
    assert said["dict"].endswith(" BOB") and (said["params"], said["tried"]) == ({"who": "bob", "n": 3}, 1)
    assert engine.xcom("arguments", "keys", "tried") == 1, "multiple outputs"
    assert found["file"][1:] == [42, True, "eve"] and found["file"][0].endswith(" BOB")
    assert found["native"] == [[1, 2, 1, 2], 7, True, "eve"]
    assert found["text"] == ["0012", "42", True, "eve"] and found["inner"][3] == "group"
    assert states(engine, "arguments") == {
        **dict.fromkeys(["keys", "file", "native", "text", "inner", "h.a", "c"], "success"),
        "h__1.b": "skipped",
    }
    assert found["h.a"] == "a" and "c" not in found
    spec = engine.reads(lambda reader: reader.spec("arguments", engine.run("arguments").spec_version))
    assert spec is not None
    assert (spec.description, spec.doc, set(spec.tags)) == ("all of them", "# A guide of all", {"a", "b"})
    assert set(spec.by_id["c"].upstream) == {"inner", "text"}
    assert any("done" in line.lower() and "not shown" in line for line in engine.said("arguments", "keys"))


PAST = """
from datetime import UTC, datetime, timedelta
from tui_flow import DAG, EmptyOperator, task
import ledger

START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 3, tzinfo=UTC)
with DAG("pasts", schedule="@daily", start_date=START, end_date=END,
         catchup=True, max_active_runs=3, default_args={"retries": 0}):
    @task(depends_on_past=True)
    def strict(ds=None):
        if ds.endswith("02") and ledger.once("failed"):
            raise ValueError("this time")

    @task(wait_for_downstream=True)
    def patient():
        return 1

    @task
    def below():
        ledger.gate("below")

    EmptyOperator(task_id="late", start_date=datetime(2024, 1, 2, tzinfo=UTC))
    EmptyOperator(task_id="early", end_date=datetime(2024, 1, 2, tzinfo=UTC))
    strict()
    patient() >> below()
"""


def test_what_waits_for_the_run_before(tmp_path: Path) -> None:
    with engine_in(tmp_path, {"pasts.py": PAST}) as engine:
        _check_past(engine.start())
        engine.check()


def _check_past(engine: Engine) -> None:
    engine.until(lambda: len(engine.runs("pasts")) == 3, "three runs are made")
    third, second, first = engine.runs("pasts")
    engine.until(lambda: engine.states("pasts", second.run_id)["strict"] == "failed", "the second fails")
    assert engine.states("pasts", first.run_id)["patient"] == "success"
    assert engine.states("pasts", third.run_id)["strict"] == "none", "it waits for the success of the one before"
    assert engine.states("pasts", second.run_id)["patient"] == "none", "what is below the first has not ended"
    engine.open_gate("below")
    engine.until(lambda: engine.states("pasts", third.run_id)["below"] == "success", "each went on in its turn")
    assert engine.run("pasts", third.run_id).state is RunState.RUNNING
    engine.ask("clear", dag_id="pasts", run_id=second.run_id, tasks=["strict"])
    assert engine.wait_run("pasts", third.run_id) is RunState.SUCCESS
    assert [engine.states("pasts", run.run_id)["late"] for run in (first, second)] == ["removed", "success"]
    assert [engine.states("pasts", run.run_id)["early"] for run in (second, third)] == ["success", "removed"]


LIMITS = """
from tui_flow import DAG, BashOperator
import ledger

with DAG("limits", max_active_tasks=16):
    for index in range(2):
        BashOperator(task_id=f"wide{index}", pool="two", pool_slots=2, priority_weight=1 + index,
                     weight_rule="absolute",
                     bash_command='''SHELL
                     start wide; end wide; echo %d >>$F/order''' % index)
    BashOperator.partial(task_id="one", max_active_tis_per_dagrun=1).expand(bash_command=['''SHELL
        start one; end one'''] * 4)
    BashOperator.partial(task_id="same", task_concurrency=1).expand(bash_command=['''SHELL
        start same; end same'''] * 3)
    BashOperator(task_id="huge", pool="two", pool_slots=3, bash_command="true")
"""


def test_limits_hold_while_tasks_run(engine: Engine) -> None:
    """The ledger tells of every overlap of what shares a name."""
    engine.ask("set_pool", name="two", slots=2, description="")
    engine.dag_file("limits.py", LIMITS)
    engine.trigger("limits")
    done = {"wide0", "wide1", "one", "same"}
    engine.until(lambda: all(engine.states("limits")[task_id] == "success" for task_id in done), "all but one end")
    assert engine.states("limits")["huge"] == "scheduled", "it needs more slots than the pool has"
    assert (engine.folder / "order").read_text().split() == ["1", "0"], "the heavier one first"
    assert not engine.ledger().overlaps
    engine.ask("set_pool", name="two", slots=-1, description="")
    assert engine.wait_run("limits") is RunState.SUCCESS


PARAMS = """
from tui_flow import DAG, Param, dag, task

with DAG("params", params={
    "plain": 1,
    "text": Param("a", type="string", minLength=1, maxLength=3, pattern="^[a-z]+$", title="T", section="S",
                  description_md="**d**"),
    "pick": Param("x", enum=["x", "y"], values_display={"x": "The x"}),
    "hint": Param("h", examples=["h", "i"]),
    "count": Param(1, type="integer", minimum=0, maximum=5),
    "maybe": Param(None, type=["null", "number"]),
    "list": Param([1], type="array", items={"type": "integer"}),
    "table": Param({"k": 1}, type="object", properties={"k": {"type": "integer"}}),
    "day": Param("2024-06-15", type="string", format="date"),
    "fixed": Param("c", const="c"),
}):
    @task
    def show(params=None, dag_run=None):
        return [dict(params), dag_run.conf]
    show()

@dag(schedule=None)
def by_function(name, greeting="hello"):
    "What its functions say."
    @task
    def say(who, word):
        return f"{word} {who}"
    say(name, greeting)

by_function("bob")
"""


def test_params_and_conf(engine: Engine) -> None:
    assert result(engine, "params", PARAMS, conf={"count": 3, "more": [1], "plain": "9"}) is RunState.SUCCESS
    params, conf = results(engine, "params")["show"]
    assert conf == {"count": 3, "more": [1], "plain": "9"}
    assert params | {"count": 3, "plain": "9", "more": [1], "text": "a", "maybe": None, "table": {"k": 1}} == params
    bad: dict[str, list[object]] = {
        "count": [6, True, "1"],
        "text": ["", "abcd", "A"],
        "pick": ["z"],
        "list": [["a"]],
        "table": [{"k": "v"}],
        "day": ["tomorrow"],
        "fixed": ["d"],
    }
    for name, values in bad.items():
        for value in values:
            with pytest.raises(Exception, match=name):
                engine.ask("trigger", dag_id="params", conf={name: value})
    run_id = engine.trigger("by_function", conf={"greeting": "bye"})
    assert engine.wait_run("by_function", run_id) is RunState.SUCCESS
    assert results(engine, "by_function") == {"say": "bye bob"}


OLD = r"""
from datetime import datetime, timedelta
from airflow import DAG
import getpass, os
from airflow.hooks.base import BaseHook
from airflow.models import XCom
from airflow.operators.python import PythonOperator
from airflow.operators.bash import BashOperator

os.environ["AIRFLOW_CONN_C"] = "http://h"

def asked(ti, dag, execution_date):
    ti.xcom_push("k", 1)
    dates = [datetime(2020, 1, 1), execution_date]
    pulled = [XCom.get_one(task_id="show", key="k", execution_date=date) for date in dates]
    return [
        dag.start_date.to_date_string(), ti.task.start_date.add(days=1).day, dag.end_date, dag.timezone.name,
        dag.previous_schedule(execution_date).day, dag.following_schedule(execution_date).day, pulled,
        ti.unixname == getpass.getuser(), ti.pool_slots, ti.executor_config, ti.task_display_name,
        ti.is_eligible_to_retry(), ti.get_previous_execution_date(), [c.host for c in BaseHook.get_connections("c")],
    ]

def show(ds, execution_date, next_execution_date, prev_ds, yesterday_ds_nodash, tomorrow_ds, conf, **kwargs):
    ti, run = kwargs["ti"], kwargs["dag_run"]
    return [
        ds, execution_date == kwargs["logical_date"], (next_execution_date - execution_date).days, prev_ds,
        yesterday_ds_nodash, tomorrow_ds, conf.get("core", "executor") != "", kwargs["test_mode"],
        kwargs["task_instance_key_str"], run.external_trigger, ti.execution_date == run.execution_date,
        kwargs["next_ds"], kwargs["prev_execution_date_success"], kwargs["expanded_ti_count"], run.conf,
        asked(ti, kwargs["dag"], execution_date),
    ]

MACROS = '''
{{ macros.ds_add(ds, 7) }} {{ macros.ds_format(ds, "%Y-%m-%d", "%d") }} {{ ts_nodash_with_tz[:8] }}
{{ macros.datetime(2024, 1, 1).year }} {{ macros.timedelta(days=1).days }} {{ execution_date | ds_nodash }}
{{ (macros.dateutil.parser.parse(ds)).day }} {{ macros.json.dumps([1]) }} {{ macros.uuid.UUID(int=0).hex[:2] }}
{% do [1].append(2) %}{{ dag_run.run_type }} {{ task.task_id }}
{{ macros.ds_format_locale(ds, "%Y-%m-%d", "MMMM", "de") }}
'''
with DAG("old", schedule_interval="@daily", start_date=datetime(2024, 1, 1), catchup=False, concurrency=4,
         is_paused_upon_creation=False) as dag:
    PythonOperator(task_id="show", python_callable=show, retries=1, pool_slots=2, executor_config={"a": 1},
                   task_display_name="Show")
    BashOperator(task_id="macros", bash_command="echo " + MACROS.replace("\n", " "))
"""


def test_the_context_of_airflow_2(engine: Engine) -> None:
    engine.dag_file("old.py", OLD)
    run_id = engine.trigger("old", logical_date="2024-06-15T00:00:00+00:00")
    assert engine.wait_run("old", run_id) is RunState.SUCCESS
    run = engine.run("old", run_id)
    start, end = run.data_interval_start, run.data_interval_end
    assert start is not None and end is not None and (end - start).days == 1
    found = results(engine, "old")
    assert found["show"] == [
        "2024-06-15", True, 0, "2024-06-15", "20240614", "2024-06-16", True, False,
        "old__show__20240615", True, True, "2024-06-15", None, None, {},
        ["2024-01-01", 2, None, "UTC", 14, 16, [None, 1], True, 2, {"a": 1}, "Show", True, None, ["h"]],
    ]  # fmt: skip
    assert found["macros"] == "2024-06-22 15 20240615 2024 1 20240615 15 [1] 00 manual macros Juni"


ENDS = """
from datetime import timedelta
from tui_flow import DAG, BashOperator, EmptyOperator, PriorityWeightStrategy, setup, task, teardown

with DAG("fast", fail_fast=True):
    @teardown
    def clean():
        return "cleaned"
    fails = BashOperator(task_id="fails", bash_command="exit 1")
    slow = BashOperator(task_id="slow", bash_command="sleep 600")
    waits = BashOperator(task_id="waits", bash_command="true")
    [fails, slow >> waits] >> clean()

with DAG("thrice", max_consecutive_failed_dag_runs=2):
    BashOperator(task_id="fails", bash_command="exit 1")

with DAG("strictly"):
    @setup
    def make():
        return 1

    @teardown(on_failure_fail_dagrun=True)
    def strict():
        raise ValueError("it counts")

    make() >> BashOperator(task_id="between", bash_command="true") >> strict()

with DAG("leniently"):
    @teardown
    def lenient():
        raise ValueError("it does not")

    @task
    async def work():
        return "awaited"

    work() >> lenient()

class Later(PriorityWeightStrategy):
    def get_weight(self, ti):
        return 100 if ti.task_id == "second" else 1

with DAG("weighed", max_active_tasks=1):
    for name in ("first", "second"):
        BashOperator(task_id=name, weight_rule=Later(), bash_command=f"echo {name} >>$ENGINE_TEST_FOLDER/weighed")
"""


def test_how_runs_end_and_who_goes_first(engine: Engine) -> None:
    engine.dag_file("ends.py", ENDS)
    engine.trigger("fast")
    assert engine.wait_run("fast") is RunState.FAILED
    found = engine.states("fast")
    assert found.pop("slow") in ("failed", "skipped"), "it may not have begun"
    assert found == {"fails": "failed", "waits": "skipped", "clean": "success"}
    for _ in range(2):
        assert engine.wait_run("thrice", engine.trigger("thrice")) is RunState.FAILED
    engine.until(lambda: engine.reads(lambda reader: reader.dag("thrice")).is_paused, "it is paused")  # type: ignore[union-attr]
    engine.trigger("strictly")
    assert engine.wait_run("strictly") is RunState.FAILED
    assert engine.states("strictly") == {"make": "success", "between": "success", "strict": "failed"}
    engine.trigger("leniently")
    assert engine.wait_run("leniently") is RunState.SUCCESS, "the failure of a teardown is none of the run"
    assert engine.states("leniently") == {"work": "success", "lenient": "failed"}
    engine.trigger("weighed")
    assert engine.wait_run("weighed") is RunState.SUCCESS
    assert (engine.folder / "weighed").read_text().split() == ["second", "first"]
