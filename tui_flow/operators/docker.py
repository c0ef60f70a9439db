"""`DockerOperator`: runs a container with the `docker` program and waits for its end."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import Any, ClassVar

from tui_flow.masking import mask_secret
from tui_flow.operators.bash import exit_codes
from tui_flow.operators.docker_command import Container, Mount, client_environment, run_command
from tui_flow.operators.subprocess_hook import SubprocessHook
from tui_flow.sdk.context import Context
from tui_flow.sdk.exceptions import AirflowException, AirflowSkipException
from tui_flow.sdk.operator import BaseOperator

STOP_TIMEOUT_S = 10


class DockerContainerFailedException(AirflowException):
    """The container ended with another exit code than 0; `logs` are its lines."""

    def __init__(self, message: str, logs: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.logs = list(logs)


class DockerOperator(BaseOperator):
    """Runs `command` in `image`. The result is the last line of its stdout, or all lines with `xcom_all`.

    `auto_remove` is "never" (the container stays), "success" or "force". `api_version` and `timeout` are Airflow's, of
    the daemon's interface, which the program speaks by itself.
    """

    template_fields: Collection[str] = (
        "image",
        "command",
        "environment",
        "private_environment",
        "env_file",
        "container_name",
        "mounts",
        "working_dir",
        "entrypoint",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"environment": "json", "env_file": "yaml"}
    template_ext: Collection[str] = (".sh", ".bash", ".env")
    ui_color = "#e8f7e4"

    def __init__(
        self,
        *,
        image: str,
        command: str | list[str] | None = None,
        api_version: str | None = None,
        container_name: str | None = None,
        cpus: float | None = None,
        docker_url: str | list[str] | None = None,
        environment: dict[str, Any] | None = None,
        private_environment: dict[str, Any] | None = None,
        env_file: str | None = None,
        force_pull: bool = False,
        mem_limit: float | str | None = None,
        network_mode: str | None = None,
        mount_tmp_dir: bool = True,
        host_tmp_dir: str | None = None,
        tmp_dir: str = "/tmp/airflow",
        user: str | int | None = None,
        mounts: list[Mount] | None = None,
        entrypoint: str | list[str] | None = None,
        working_dir: str | None = None,
        xcom_all: bool = False,
        docker_conn_id: str | None = None,
        dns: list[str] | None = None,
        dns_search: list[str] | None = None,
        auto_remove: str = "never",
        shm_size: int | str | None = None,
        tty: bool = False,
        hostname: str | None = None,
        privileged: bool = False,
        cap_add: Iterable[str] | None = None,
        extra_hosts: dict[str, str] | None = None,
        labels: dict[str, str] | list[str] | None = None,
        ulimits: list[str] | None = None,
        ipc_mode: str | None = None,
        port_bindings: dict[Any, Any] | None = None,
        timeout: int | None = None,
        skip_on_exit_code: int | Iterable[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if auto_remove not in ("never", "success", "force"):
            raise ValueError(f"task {self.task_id!r}: auto_remove must be never, success or force, not {auto_remove!r}")
        self.image, self.command, self.entrypoint = image, command, entrypoint
        self.container_name, self.working_dir, self.mounts = container_name, working_dir, mounts or []
        self.environment, self.env_file = environment or {}, env_file
        self.private_environment = private_environment or {}
        self.mount_tmp_dir, self.host_tmp_dir, self.tmp_dir = mount_tmp_dir, host_tmp_dir, tmp_dir
        self.docker_url, self.docker_conn_id = docker_url, docker_conn_id
        self.api_version, self.timeout = api_version, timeout
        self.xcom_all, self.auto_remove = xcom_all, auto_remove
        self.skip_on_exit_code = exit_codes(skip_on_exit_code)
        self.run_options: dict[str, Any] = {
            "pull": "always" if force_pull else None,
            "cpus": cpus,
            "memory": mem_limit,
            "network": network_mode,
            "user": user,
            "dns": dns,
            "dns_search": dns_search,
            "shm_size": shm_size,
            "tty": tty,
            "hostname": hostname,
            "privileged": privileged,
            "cap_add": list(cap_add or ()),
            "add_host": [f"{name}:{address}" for name, address in (extra_hosts or {}).items()],
            "label": labels,
            "ulimit": ulimits,
            "ipc": ipc_mode,
            "publish": [f"{host}:{inside}" for inside, host in (port_bindings or {}).items()],
        }
        self._running: str | None = None

    @cached_property
    def subprocess_hook(self) -> SubprocessHook:
        return SubprocessHook()

    def execute(self, context: Context) -> Any:
        with ExitStack() as stack:
            container = self.container(context, self.command, self.temporary_mounts(stack))
            lines = self.run_container(container)
        if not lines or not self.do_xcom_push:
            return None
        return lines if self.xcom_all else lines[-1]

    def container(self, context: Context, command: Any, further_mounts: Sequence[Mount]) -> Container:
        """What shall run in this try."""
        for value in self.private_environment.values():
            mask_secret(str(value))
        tmp = {"AIRFLOW_TMP_DIR": self.tmp_dir} if self._mounts_tmp_dir() else {}
        given = {**tmp, **self.environment, **self.private_environment}
        environment = {str(name): str(value) for name, value in given.items()}
        options = {**self.run_options, "workdir": self.working_dir, "env_file": self.env_file}
        name, mounts = self._name_for(context), [*self.mounts, *further_mounts]
        return Container(name, self.image, command, self.entrypoint, environment, mounts, options)

    def _mounts_tmp_dir(self) -> bool:
        """A daemon on another machine would not see the folder."""
        url = self._url()
        return self.mount_tmp_dir and (url is None or url.startswith("unix:"))

    def temporary_mounts(self, stack: ExitStack) -> list[Mount]:
        """A folder at `tmp_dir` for what the container wants to keep off its layers; it goes with the task."""
        if not self._mounts_tmp_dir():
            return []
        source = stack.enter_context(tempfile.TemporaryDirectory(prefix="tuiflow-docker-", dir=self.host_tmp_dir))
        os.chmod(source, 0o777)
        return [{"Type": "bind", "Source": source, "Target": self.tmp_dir}]

    def _name_for(self, context: Context) -> str:
        """One name a try, so that the container can be stopped whoever asks."""
        ti = context["ti"]
        if self.container_name:
            return self.container_name
        parts = ("tuiflow", ti.dag_id, ti.run_id, ti.task_id, ti.map_index, ti.try_number, os.getpid())
        return re.sub(r"[^a-zA-Z0-9_.-]+", "-", "-".join(map(str, parts)))[:200]

    def docker(self) -> list[str]:
        """The program and where its daemon is. Raises AirflowException when it is not installed."""
        program = shutil.which("docker")
        if program is None:
            raise AirflowException(
                f"task {self.task_id!r} needs the `docker` program, which is not on PATH; install Docker's command line"
            )
        url = self._url()
        return [program, "--host", url] if url else [program]

    def _url(self) -> str | None:
        return self.docker_url[0] if isinstance(self.docker_url, list) else self.docker_url

    def run_container(self, container: Container) -> list[str]:
        """The lines of its stdout. Raises AirflowException or AirflowSkipException as it ends."""
        docker = self.docker()
        environment = {**os.environ, **client_environment(container)}
        if self.docker_conn_id:
            self._log_in(docker, environment)
        lines: list[str] = []
        self._running = container.name
        try:
            command = run_command(docker, container)
            self.log.info("Starting docker container %s from image %s", container.name, container.image)
            exit_code = self.subprocess_hook.run_command(command, environment, on_line=_keeping(lines)).exit_code
        except BaseException:
            self._stop(docker)
            raise
        self._running = None
        if self.auto_remove == "force" or (self.auto_remove == "success" and exit_code == 0):
            self._quietly([*docker, "rm", "--force", container.name])
        self._check(exit_code, lines)
        return lines

    def _check(self, exit_code: int, lines: Sequence[str]) -> None:
        if exit_code in self.skip_on_exit_code:
            raise AirflowSkipException(f"Docker container returned exit code {exit_code}. Skipping.")
        if exit_code == 125:
            raise DockerContainerFailedException("docker could not run the container; the log says why", lines)
        if exit_code != 0:
            raise DockerContainerFailedException(f"Docker container failed: exit code {exit_code}", lines)

    def _log_in(self, docker: Sequence[str], environment: Mapping[str, str]) -> None:
        from tui_flow.sdk.hook import BaseHook

        registry = BaseHook.get_connection(str(self.docker_conn_id))
        if not registry.login or not registry.password:
            raise AirflowException(f"connection {self.docker_conn_id!r} needs a login and a password for the registry")
        address = f"{registry.host or ''}:{registry.port}" if registry.port else registry.host or ""
        command = [*docker, "login", "--username", registry.login, "--password-stdin", *([address] if address else [])]
        ended = subprocess.run(
            command, input=registry.password, env=dict(environment), capture_output=True, text=True, check=False
        )
        if ended.returncode != 0:
            raise AirflowException(
                f"docker login at {address or 'the default registry'} failed: {ended.stderr.strip()}"
            )

    def on_kill(self) -> None:
        if self._running is not None:
            self._stop(self.docker())
        self.subprocess_hook.send_sigterm()

    def _stop(self, docker: Sequence[str]) -> None:
        """End the container: it is the daemon's child, no signal to the docker program ends it."""
        name, self._running = self._running, None
        if name is not None:
            self.log.info("Stopping docker container %s", name)
            self._quietly([*docker, "stop", "--time", str(STOP_TIMEOUT_S), name])
            if self.auto_remove == "force":
                self._quietly([*docker, "rm", "--force", name])

    def _quietly(self, command: Sequence[str]) -> None:
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            self.log.warning("%s failed: %s", " ".join(command[-3:]), ended.stderr.strip())


def _keeping(lines: list[str]) -> Any:
    def keep(line: str) -> None:
        lines.append(line)
        print(line)

    return keep
