"""Commands and files of another machine: paramiko against a server of another make on the loopback."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.loopback import SshServer, ssh_server
from tests.unit.sdk.fakes import FakeBackend, context_for, run_task
from tui_flow import DAG
from tui_flow.operators.sftp import SFTPOperator
from tui_flow.operators.sftp_hook import SFTPHook
from tui_flow.operators.sftp_sensor import SFTPSensor
from tui_flow.operators.ssh import SSHOperator
from tui_flow.operators.ssh_hook import SSHHook
from tui_flow.sdk.backend import backend_in_use
from tui_flow.sdk.exceptions import AirflowException, AirflowSkipException


@pytest.fixture(scope="module")
def running() -> Iterator[SshServer]:
    with ssh_server() as server:
        yield server


@pytest.fixture
def server(running: SshServer) -> Iterator[SshServer]:
    """With the connections `box`, `sftp_default`, and `stranger`, whose host key is another's."""
    right = running.connection
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    connections = {
        "box": right,
        "sftp_default": right | {"conn_type": "sftp"},
        "stranger": right | {"extra": json.dumps({"host_key": other, "look_for_keys": False})},
        "anybody": right | {"extra": json.dumps({"look_for_keys": False, "cmd_timeout": 0.3})},
        "unknown": right | {"extra": json.dumps({"no_host_key_check": "false", "look_for_keys": False})},
        "locked": right | {"password": "not-that-one"},
    }
    with backend_in_use(FakeBackend(connections=connections)):
        yield running


def ssh(command: str | None, **kwargs: Any) -> Any:
    kwargs.setdefault("ssh_conn_id", "box")
    with DAG("d"):
        return run_task(SSHOperator(task_id="t", command=command, **kwargs))


def test_the_result_is_the_commands_output(server: SshServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "tui_flow.task")
    ran = ssh("echo {{ ds }}; echo $WHO; echo oops >&2; seq 30000", environment={"WHO": "{{ dag.dag_id }}"})
    assert b64decode(ran.result) == b"2024-06-15\nd\n" + b"".join(b"%d\n" % n for n in range(1, 30_001))
    assert ran.ti.xcom_pull("t", key="ssh_exit") == 0
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert ("INFO", "2024-06-15") in said and ("WARNING", "oops") in said


def test_exit_codes(server: SshServer) -> None:
    with pytest.raises(AirflowException, match="exit status = 3"):
        ssh("exit 3")
    with pytest.raises(AirflowSkipException, match="exit code 99"):
        ssh("exit 99", skip_on_exit_code=99)
    with pytest.raises(AirflowException, match="SSH command not specified"):
        ssh(None)
    with pytest.raises(AirflowException, match="needs ssh_conn_id, ssh_hook or remote_host"):
        ssh("true", ssh_conn_id=None)


def test_silence_is_given_up_after_the_timeout(server: SshServer) -> None:
    with pytest.raises(AirflowException, match="no output for 0.3 s"):
        ssh("sleep 60", ssh_conn_id="anybody")
    assert ssh("sleep 0.5; echo x", ssh_conn_id="anybody", cmd_timeout=None).result
    hook = SSHHook("box", cmd_timeout=0.1)
    with pytest.raises(AirflowException, match="no output for 0.1 s"):
        ssh("sleep 60", ssh_hook=hook, ssh_conn_id=None, cmd_timeout=0.1)


def test_host_keys_and_passwords_are_checked(server: SshServer) -> None:
    with pytest.raises(Exception, match="Host key for server .* does not match"):
        ssh("true", ssh_conn_id="stranger")
    with pytest.raises(Exception, match="not found in known_hosts"):
        ssh("true", ssh_conn_id="unknown")
    with pytest.raises(Exception, match="Authentication failed"):
        ssh("true", ssh_conn_id="locked")
    assert SSHHook("box").test_connection() == (True, "127.0.0.1 lets us in and answered 'tuiflow'")
    with pytest.raises(AirflowException, match="SSHHook has no host"):
        SSHHook().get_conn()


def test_private_keys_that_cannot_be_read_are_refused(server: SshServer) -> None:
    bad = server.connection | {"extra": json.dumps({"private_key": "nonsense"})}
    with (
        backend_in_use(FakeBackend(connections={"bad": bad})),
        pytest.raises(AirflowException, match="private_key of connection 'bad' cannot be read"),
    ):
        ssh("true", ssh_conn_id="bad")


def sftp(**kwargs: Any) -> Any:
    with DAG("d"):
        return run_task(SFTPOperator(task_id="t", ssh_conn_id="sftp_default", **kwargs)).result


def test_files_are_put_got_and_deleted(server: SshServer, tmp_path: Path) -> None:
    (tmp_path / "2024-06-15.txt").write_text("content")
    local, remote = str(tmp_path / "{{ ds }}.txt"), str(tmp_path / "far" / "a" / "b.txt")
    with pytest.raises(AirflowException, match="put of .*b.txt' on 127.0.0.1 failed"):
        sftp(local_filepath=local, remote_filepath=remote)
    assert sftp(local_filepath=local, remote_filepath=remote, create_intermediate_dirs=True) == str(
        tmp_path / "2024-06-15.txt"
    )
    assert (tmp_path / "far" / "a" / "b.txt").read_text() == "content"
    back = str(tmp_path / "back" / "c.txt")
    sftp(local_filepath=[back], remote_filepath=[remote], operation="GET", create_intermediate_dirs=True)
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["c.txt"]
    sftp(remote_filepath=remote, operation="delete")
    assert not (tmp_path / "far" / "a" / "b.txt").exists()


def test_folders_go_with_all_that_is_below_them(server: SshServer, tmp_path: Path) -> None:
    (tmp_path / "here" / "sub").mkdir(parents=True)
    (tmp_path / "here" / "sub" / "x").write_text("1")
    far, again = str(tmp_path / "far"), str(tmp_path / "again")
    sftp(local_filepath=str(tmp_path / "here"), remote_filepath=far)
    sftp(local_filepath=again, remote_filepath=far, operation="get")
    assert (tmp_path / "again" / "sub" / "x").read_text() == "1"
    sftp(remote_filepath=far, operation="delete")
    assert not (tmp_path / "far").exists()


def test_a_file_that_cannot_be_got_leaves_nothing_behind(server: SshServer, tmp_path: Path) -> None:
    with pytest.raises(AirflowException, match="get of '/no/such' on 127.0.0.1 failed: .*No such file"):
        sftp(local_filepath=str(tmp_path / "x"), remote_filepath="/no/such", operation="get")
    assert list(tmp_path.iterdir()) == []


def test_arguments_that_do_not_go_together_are_refused(server: SshServer) -> None:
    for error, message, kwargs in (
        (TypeError, "put, get or delete, not 'move'", {"operation": "move"}),
        (ValueError, "delete takes no local_filepath", {"operation": "delete", "local_filepath": "a"}),
        (ValueError, "2 local paths do not go with 1", {"local_filepath": ["a", "b"]}),
    ):
        with pytest.raises(error, match=message):
            sftp(remote_filepath="x", **kwargs)


def test_the_hook_looks_around(server: SshServer, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("12345")
    (tmp_path / "a").mkdir()
    hook, folder = SFTPHook(), str(tmp_path)
    assert hook.list_directory(folder) == ["a", "b.csv"]
    about = hook.describe_directory(folder)
    assert about["a"]["type"] == "dir" and about["b.csv"]["size"] == 5
    assert hook.isdir(f"{folder}/a") and hook.isfile(f"{folder}/b.csv") and not hook.path_exists(f"{folder}/c")
    assert (hook.get_file_by_pattern(folder, "*.csv"), hook.get_file_by_pattern(folder, "*.x")) == ("b.csv", "")
    with (tmp_path / "copy").open("wb") as file:
        hook.retrieve_file(f"{folder}/b.csv", file)
    assert (tmp_path / "copy").read_text() == "12345"
    assert hook.test_connection()[0]
    assert isinstance(SFTPHook.get_hook("sftp_default"), SFTPHook)


def test_the_sensor_waits_for_files(server: SshServer, tmp_path: Path) -> None:
    def poke(path: str, **kwargs: Any) -> Any:
        with DAG("d"):
            sensor = SFTPSensor(task_id="t", path=path, **kwargs)
        found = sensor.poke(context_for(sensor))
        return found.is_done, found.xcom_value

    (tmp_path / "a.csv").touch()
    now = datetime.now(UTC)
    assert poke(str(tmp_path / "b")) == (False, None)
    assert poke(str(tmp_path), file_pattern="*.csv") == (True, [str(tmp_path / "a.csv")])
    assert poke(str(tmp_path), file_pattern="*.txt") == (False, [])
    assert poke(str(tmp_path / "a.csv"), newer_than=now - timedelta(hours=1))[0]
    assert not poke(str(tmp_path / "a.csv"), newer_than=(now + timedelta(hours=1)).isoformat())[0]
