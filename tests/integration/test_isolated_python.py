"""Functions that run in another Python: made environments, external interpreters."""

from __future__ import annotations

import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import jinja2
import pytest

from tests.unit.sdk.fakes import AT, FakeBackend, run_task
from tui_flow import DAG, task
from tui_flow.operators.isolated_call import function_text
from tui_flow.operators.package_index_hook import PackageIndexHook
from tui_flow.operators.python_external import BranchExternalPythonOperator, ExternalPythonOperator
from tui_flow.operators.python_virtualenv import PythonVirtualenvOperator
from tui_flow.operators.venv_building import Wanted
from tui_flow.sdk.backend import backend_in_use
from tui_flow.sdk.exceptions import AirflowException, AirflowSkipException

ROOT = str(Path(__file__).parents[2])


def external(function: Any, **kwargs: Any) -> Any:
    with DAG("d", params={"x": 5}):
        operator = ExternalPythonOperator(task_id="t", python=sys.executable, python_callable=function, **kwargs)
    return run_task(operator).result


def test_arguments_context_and_result_cross() -> None:
    def f(a: int, b: str, ds: str, params: dict[str, Any], logical_date: Any, ti: Any = None) -> Any:
        import os
        import sys

        return a, b, ds, params, logical_date.isoformat(), ti, "tui_flow" in sys.modules, os.environ["MODE"]

    result = external(f, op_args=[1], op_kwargs={"b": "{{ ds }}!"}, env_vars={"MODE": "{{ params.x }}"})
    assert result == (1, "2024-06-15!", "2024-06-15", {"x": 5}, AT, None, False, "5")


@pytest.mark.parametrize("serializer", ["pickle", "cloudpickle", "dill"])
def test_each_serializer_takes_arguments_there_and_the_result_back(serializer: str) -> None:
    def double(value: set[int]) -> set[int]:
        return {2 * number for number in value}

    assert external(double, serializer=serializer, op_args=[{1, 2}]) == {2, 4}


def test_async_functions_string_args_and_nothing_returned() -> None:
    async def joined() -> str:
        return "-".join(virtualenv_string_args)  # type: ignore[name-defined]  # noqa: F821

    def nothing() -> None:
        print("said")

    assert external(joined, string_args=["a", "b"]) == "a-b"
    assert external(nothing) is None


def test_failures_name_the_exception_and_exit_codes_may_skip() -> None:
    def fail() -> None:
        raise KeyError("lost")

    def leave() -> None:
        raise SystemExit(99)

    with pytest.raises(AirflowException, match="status 1. KeyError: 'lost'"):
        external(fail)
    with pytest.raises(AirflowSkipException, match="code 99"):
        external(leave, skip_on_exit_code=[99])
    with pytest.raises(AirflowException, match="status 99"):
        external(leave)


def test_what_cannot_cross_is_named() -> None:
    def needs_ti(ti: Any) -> None: ...

    def take(value: Any, other: int) -> None: ...

    def give() -> Any:
        return sys.modules

    with pytest.raises(AirflowException, match="'ti' of the context"):
        external(needs_ti)
    with pytest.raises(AirflowException, match="cannot serialize value for another Python"):
        external(take, op_kwargs={"value": threading.Lock(), "other": 1})
    with pytest.raises(AirflowException, match="NameError: name 'sys' is not defined"):
        external(give)
    for bad in (lambda: 1, "text"):
        with pytest.raises(ValueError, match="made by `def`"):
            external(bad)
    with pytest.raises(AirflowException, match="there is no serializer 'json'"):
        external(take, serializer="json")


def test_the_environment_is_inherited_unless_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FROM_OUTSIDE", "1")
    monkeypatch.setenv("TUIFLOW_ATTEMPT", "journal/7")

    def names() -> list[str]:
        import os

        return sorted(name for name in os.environ if name in ("FROM_OUTSIDE", "TUIFLOW_ATTEMPT"))

    assert external(names) == ["FROM_OUTSIDE", "TUIFLOW_ATTEMPT"]
    assert external(names, inherit_env=False) == ["TUIFLOW_ATTEMPT"]


def test_missing_interpreters_are_named() -> None:
    with DAG("d"):
        operator = ExternalPythonOperator(
            task_id="t", python="/no/python", python_callable=test_missing_interpreters_are_named
        )
        with pytest.raises(AirflowException, match="'/no/python' does not exist"):
            run_task(operator)
        wrong = PythonVirtualenvOperator(
            task_id="v", python_version="9.9", python_callable=test_missing_interpreters_are_named
        )
    with pytest.MonkeyPatch.context() as patch, pytest.raises(AirflowException, match="no python9.9 on PATH"):
        patch.setenv("PATH", "")
        run_task(wrong)


def test_on_kill_ends_the_other_python() -> None:
    def wait() -> None:
        import time

        print("waiting")
        time.sleep(60)

    with DAG("d"):
        operator = ExternalPythonOperator(task_id="t", python=sys.executable, python_callable=wait)
    hook = operator.subprocess_hook

    def kill_when_started() -> None:
        while hook.sub_process is None:
            time.sleep(0.01)
        operator.on_kill()

    killer = threading.Thread(target=kill_when_started)
    killer.start()
    with pytest.raises(AirflowException, match="status -15"):
        run_task(operator)
    killer.join()


def test_branches_choose_in_the_other_python() -> None:
    def choose() -> str:
        return "right"

    with DAG("d"):
        branch = BranchExternalPythonOperator(task_id="b", python=sys.executable, python_callable=choose)
        for name in ("left", "right"):
            branch >> ExternalPythonOperator(task_id=name, python=sys.executable, python_callable=choose)
    assert run_task(branch).ti.skipped == ["left"]


def test_the_text_of_a_function_has_its_own_lines_and_no_decorators() -> None:
    with DAG("d") as dag:

        @task.external_python(
            python=sys.executable,
        )
        def decorated() -> int:
            return 7

        decorated()
    operator = dag.get_task("decorated")
    text = function_text(operator.python_callable)
    assert text.source.startswith("def decorated() -> int:\n")
    lines = Path(__file__).read_text().splitlines()
    assert lines[text.first_line - 1].strip() == "def decorated() -> int:"
    assert run_task(operator).result == 7


def a_wheel(folder: Path, version: str) -> None:
    """A package `tuiflow_probe` that says its version, as pip wants it."""
    info = f"tuiflow_probe-{version}.dist-info"
    with zipfile.ZipFile(folder / f"tuiflow_probe-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tuiflow_probe.py", f"VERSION = {version!r}\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tuiflow-probe\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def test_requirements_are_installed_and_environments_are_kept(tmp_path: Path) -> None:
    a_wheel(tmp_path, "1.5")

    def probe() -> Any:
        import sys

        import tuiflow_probe  # type: ignore[import-not-found]

        return tuiflow_probe.VERSION, sys.prefix

    def run() -> Any:
        with DAG("d", params={"version": "1.5"}):
            operator = PythonVirtualenvOperator(
                task_id="t",
                python_callable=probe,
                requirements=["tuiflow-probe=={{ params.version }}"],
                system_site_packages=False,
                pip_install_options=["--no-index", "--find-links", str(tmp_path)],
                venv_cache_path=str(tmp_path / "cache"),
            )
        return run_task(operator).result

    version, prefix = run()
    assert version == "1.5" and Path(prefix).parent == tmp_path / "cache"
    (tmp_path / "tuiflow_probe-1.5-py3-none-any.whl").unlink()
    assert run() == (version, prefix)


def test_a_new_environment_sees_this_installation_and_goes_with_the_task() -> None:
    with DAG("d") as dag:

        @task.virtualenv
        def where() -> Any:
            import sys

            import jinja2

            return sys.prefix, jinja2.__file__

        where()
    prefix, file = run_task(dag.get_task("where")).result
    assert prefix != sys.prefix and not Path(prefix).exists() and file == jinja2.__file__


def test_requirements_that_cannot_be_had_fail_the_task(tmp_path: Path) -> None:
    with DAG("d"):
        operator = PythonVirtualenvOperator(
            task_id="t",
            python_callable=a_wheel,
            requirements="# one\nno-such-package-at-all\n",
            pip_install_options=["--no-index"],
            venv_cache_path=tmp_path,
        )
    with pytest.raises(AirflowException, match="could not be installed: no-such-package-at-all"):
        run_task(operator)


def test_index_urls_carry_the_credentials_of_their_connection() -> None:
    with DAG("d"):
        operator = PythonVirtualenvOperator(
            task_id="t",
            python_callable=a_wheel,
            index_urls=["https://second/simple"],
            index_urls_from_connection_ids=["pi"],
        )
    fields = {"conn_type": "package_index", "host": "https://first/simple", "login": "me", "password": "p@ss word"}
    with backend_in_use(FakeBackend(connections={"pi": fields, "none": {"conn_type": "package_index"}})):
        assert operator.wanted().index_urls == ("https://me:p%40ss%20word@first/simple", "https://second/simple")
        with pytest.raises(ValueError, match="'none' names no package index"):
            PackageIndexHook("none").get_connection_url()


def test_an_index_that_cannot_be_read_is_not_made_up_for_by_another() -> None:
    nowhere = {"conn_type": "package_index", "host": "http://127.0.0.1:9/simple"}
    with backend_in_use(FakeBackend(connections={"pi": nowhere})):
        is_fine, said = PackageIndexHook("pi").test_connection()
    assert not is_fine and said
    assert Wanted().digest() == Wanted().digest() != Wanted(index_urls=("x",)).digest()
