"""Commands and functions in containers, run by a fake `docker`."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.unit.sdk.fakes import FakeBackend, context_for, run_task
from tui_flow import DAG, task
from tui_flow.operators.docker import DockerContainerFailedException, DockerOperator
from tui_flow.sdk.backend import backend_in_use
from tui_flow.sdk.exceptions import AirflowException, AirflowSkipException

FAKE_DOCKER = f"""#!{sys.executable}
import json, os, subprocess, sys
words = sys.argv[1:]
with open(os.environ["DOCKER_FAKE_LOG"], "a") as log:
    log.write(json.dumps(words) + "\\n")
if "run" not in words:
    sys.exit(0)
image = words.index("python:3")
mounts = [dict(part.partition("=")[::2] for part in word.split(",")) for word in words[:image] if "target=" in word]
command = words[image + 1 :]
for mount in mounts:
    command = [word.replace(mount["target"], mount["source"]) for word in command]
sys.exit(subprocess.run(command).returncode)
"""


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A program `docker` that runs the command here and notes what it was told: tests cannot have a daemon."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "docker"
    program.write_text(FAKE_DOCKER)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DOCKER_FAKE_LOG", str(tmp_path / "log"))
    return lambda: [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]


def container(command: Any, **kwargs: Any) -> Any:
    with DAG("d", params={"word": "hi"}):
        return DockerOperator(task_id="t", image="python:3", command=command, **kwargs)


def test_a_container_is_run_with_what_the_author_said(docker: Any) -> None:
    """Against a fake `docker`: it shows the words that the real program would get, not that a daemon takes them."""
    operator = container(
        "sh -c 'echo {{ params.word }}; echo \"$GREETING $SECRET\"'",
        environment={"GREETING": "hello", "PATH": os.environ["PATH"]},
        private_environment={"SECRET": "s3cret-value"},
        mounts=[{"Source": "/data", "Target": "/in", "Type": "bind", "ReadOnly": True}, "vol:/v"],
        working_dir="/work",
        network_mode="host",
        user="1000:1000",
        mem_limit="1g",
        auto_remove="success",
        docker_url="unix://x",
        port_bindings={80: 8080},
    )
    assert run_task(operator).result == "hello s3cret-value"
    ran, removed = docker()
    text = " ".join(ran)
    assert text.startswith("--host unix://x run --name tuiflow-d-")
    for words in (
        "--memory 1g",
        "--publish 8080:80",
        "--network host",
        "--user 1000:1000",
        "--workdir /work",
        "--volume vol:/v",
    ):
        assert words in text
    assert "type=bind,target=/in,source=/data,readonly" in ran
    assert "--env GREETING" in text and "s3cret" not in text and f"PATH={os.environ['PATH']}" in ran
    assert removed[-3:-1] == ["rm", "--force"] and removed[-1] in ran


def test_a_folder_of_the_tasks_own_is_mounted_unless_the_daemon_is_elsewhere(docker: Any) -> None:
    """Against a fake `docker`: no daemon can run where the tests do."""
    shown = "sh -c 'ls -d /tmp/airflow; echo $AIRFLOW_TMP_DIR'"
    *_rest, last = run_task(container(shown, xcom_all=True)).result
    folder = run_task(container("echo /tmp/airflow")).result
    assert last == "/tmp/airflow" and folder.startswith("/tmp/tuiflow-docker-") and not os.path.exists(folder)
    for away in ({"docker_url": "tcp://far:2375"}, {"mount_tmp_dir": False}):
        run_task(container("true", **away))
        assert not [word for word in docker()[-1] if "/tmp/airflow" in word]


def test_all_lines_or_none_are_the_result(docker: Any) -> None:
    """Against a fake `docker`: no daemon can run where the tests do."""
    assert run_task(container(["printf", "a\\nb"], xcom_all=True)).result == ["a", "b"]
    assert run_task(container("['echo', 'x y']")).result == "x y"
    assert run_task(container("echo x", do_xcom_push=False)).result is None
    assert not [words for words in docker() if "rm" in words]


def test_exit_codes_of_containers(docker: Any) -> None:
    """Against a fake `docker`: no daemon can run where the tests do."""
    with pytest.raises(DockerContainerFailedException, match="exit code 3") as caught:
        run_task(container("sh -c 'echo why; exit 3'", auto_remove="force"))
    assert caught.value.logs == ["why"] and docker()[-1][0] == "rm"
    with pytest.raises(AirflowSkipException, match="code 4"):
        run_task(container("sh -c 'exit 4'", skip_on_exit_code=4))
    with pytest.raises(ValueError, match="never, success or force, not 'always'"):
        container("x", auto_remove="always")


def test_killing_the_task_stops_the_container(docker: Any) -> None:
    """Against a fake `docker`: what the daemon makes of `stop` is not seen here."""
    operator = container("sleep 60")

    def kill_when_started() -> None:
        while operator.subprocess_hook.sub_process is None:
            time.sleep(0.01)
        operator.on_kill()

    operator.subprocess_hook  # noqa: B018
    killer = threading.Thread(target=kill_when_started)
    killer.start()
    with pytest.raises(DockerContainerFailedException):
        operator.execute(context_for(operator))
    killer.join()
    assert ["stop", "--time", "10"] in [words[:3] for words in docker()]


def test_registries_are_logged_in_to_without_showing_the_password(docker: Any) -> None:
    """Against a fake `docker`: it takes every password."""
    fields = {"conn_type": "docker", "host": "registry", "port": 5000, "login": "me", "password": "pass-word"}
    with backend_in_use(FakeBackend(connections={"reg": fields})):
        run_task(container("true", docker_conn_id="reg"))
    assert docker()[0] == ["login", "--username", "me", "--password-stdin", "registry:5000"]


def test_functions_run_in_containers(docker: Any) -> None:
    """Against a fake `docker`, which runs the call with this machine's Python."""
    with DAG("d") as dag:

        @task.docker(image="python:3", python_command=sys.executable, multiple_outputs=False)
        def in_container(n: int, ds: str) -> dict[str, Any]:
            return {"n": n + 1, "ds": ds}

        @task.docker(image="python:3", python_command=sys.executable)
        def broken() -> None:
            raise OSError("no disk")

        in_container(4)
        broken()
    assert run_task(dag.get_task("in_container")).result == {"n": 5, "ds": "2024-06-15"}
    with pytest.raises(DockerContainerFailedException) as caught:
        run_task(dag.get_task("broken"))
    assert caught.value.__notes__ == ["OSError: no disk"]


def test_without_the_docker_program_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(AirflowException, match="needs the `docker` program, which is not on PATH"):
        run_task(container("true"))
