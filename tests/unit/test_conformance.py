"""How what became of an example is compared with Airflow's answer."""

from __future__ import annotations

from tests.conformance.__main__ import compare, is_not_judged, line_of
from tests.conformance.needs import PACKAGE, lack_of
from tests.conformance.runner import Ran
from tests.conformance.wheels import requirements_of

ANSWER = {
    "dag_run_state": "success",
    "task_instances": [
        {"task_id": "a", "map_index": -1, "state": "success", "try_number": 1},
        {"task_id": "m", "map_index": 0, "state": "skipped", "try_number": 0},
    ],
}


def test_equal_outcomes_have_no_differences() -> None:
    ran = Ran("etl.py", "etl", state="success", tasks={("a", -1): "success", ("m", 0): "skipped"})
    assert list(compare(ran, ANSWER)) == []
    assert line_of(ran, "", []) == "etl.py: etl: imported, run success (1 skipped, 1 success)"


def test_differences_are_named() -> None:
    ran = Ran("etl.py", "etl", state="failed", tasks={("a", -1): "failed"})
    assert list(compare(ran, ANSWER)) == [
        "Airflow's run is success",
        "a is failed, Airflow's success",
        "m[0] is absent, Airflow's skipped",
    ]


def test_without_an_answer_a_run_must_end() -> None:
    assert list(compare(Ran("etl.py", "etl", state="failed"), None)) == []
    assert list(compare(Ran("etl.py", "etl", state="running"), None)) == ["still running"]
    [problem] = compare(Ran("etl.py", problem="etl.py:2: ImportError: x\nTraceback"), None)
    assert problem == "etl.py:2: ImportError: x"
    assert line_of(Ran("etl.py", problem=problem), "the internet", [problem]).startswith(
        "etl.py: not run [needs the internet] - etl.py:2"
    )


def test_what_needs_a_package_is_known_by_its_error() -> None:
    assert lack_of("a/example_dag_decorator.py", None) == "the internet"
    error = "x.py:1: AirflowImportError: a.B is B of airflow.providers.c now: c needs the package apache-x"
    assert lack_of("x.py", error) == lack_of("x.py", "x.py:1: No module named 'google'") == PACKAGE
    assert lack_of("x.py", "x.py:1: No module named 'nothing'") == lack_of("x.py", None) == ""


def test_a_failure_is_told_with_what_it_lacks() -> None:
    ran = Ran("example_dag_decorator.py", "d", state="failed", tasks={("a", -1): "failed"})
    assert line_of(ran, "the internet", []).endswith("run failed (1 failed) [needs the internet]")
    assert not is_not_judged(ran, None)
    assert is_not_judged(Ran("other.py", "d", state="failed"), None)


def test_the_wheels_of_any_version() -> None:
    assert requirements_of("3.3.2") == ("apache-airflow-core==3.3.2", "apache-airflow-providers-standard==1.21.0")
    assert requirements_of("2.9.3") == ("apache-airflow==2.9.3",)
    assert requirements_of("3.1.3") == ("apache-airflow-core==3.1.3",)
