"""Settings from TOML and the environment; what cannot be meant is told with its place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from tui_flow.errors import BadInput
from tui_flow.settings import (
    Home,
    Settings,
    dags_folder,
    home_from_environment,
    key_file,
    load_settings,
)

NOWHERE = Home(Path("/nonexistent/home"))


class HomeInMemory(Home):
    """A home whose settings file is memory."""

    _file: int

    def __init__(self, text: str | bytes) -> None:
        object.__setattr__(self, "root", Path("/nonexistent/home"))
        fd = os.memfd_create("settings", os.MFD_CLOEXEC)
        os.write(fd, text if isinstance(text, bytes) else text.encode())
        object.__setattr__(self, "_file", fd)

    @property
    def settings_file(self) -> Path:
        return Path(f"/proc/self/fd/{self._file}")

    def close(self) -> None:
        os.close(self._file)


@pytest.fixture
def home(request: pytest.FixtureRequest) -> Iterator[Home]:
    found = HomeInMemory(request.param)
    yield found
    found.close()


toml = pytest.mark.parametrize


def test_without_anything_the_defaults_hold() -> None:
    assert load_settings(NOWHERE, {}) == Settings()


@toml("home", ["[core]\nparallelism = 7\ndags_folder = '~/d'\n[scheduler]\nkill_grace_s = 2\n"], indirect=True)
def test_the_file_is_over_the_defaults_and_the_environment_over_the_file(home: Home) -> None:
    settings = load_settings(home, {"TUIFLOW_CORE_PARALLELISM": "9", "TUIFLOW_HOME": "/x", "OTHER": "1"})
    assert settings.core.parallelism == 9
    assert settings.core.dags_folder == "~/d"
    assert settings.scheduler.kill_grace_s == 2.0 and isinstance(settings.scheduler.kill_grace_s, float)
    assert settings.logs == Settings().logs


@toml(
    ("home", "message"),
    [
        ("[cor]\nx = 1\n", r"\[cor\] x: unknown setting; known here: \[core\], \[scheduler\]"),
        ("[core]\nparalelism = 1\n", r"\[core\] paralelism: unknown setting; known here: dags_folder, executor"),
        ("core = 1\n", r"\[core\] must be a table of settings"),
        ("[core\n", "is not valid TOML"),
        (b"# \xff\n", "is not valid TOML"),
        ("[core]\nparallelism = 'many'\n", "'many' is not a whole number"),
        ("[core]\nparallelism = 3.7\n", "3.7 is not a whole number"),
        ("[core]\nparallelism = inf\n", "inf is not a whole number"),
        ("[core]\nparallelism = true\n", "True is not a whole number"),
        ("[core]\nparallelism = [1]\n", r"\[1\] is not a whole number"),
        ("[core]\ndags_folder = 5\n", "5 is not text"),
        ("[scheduler]\nkill_grace_s = nan\n", "nan is not a number, 0 or more"),
        ("[scheduler]\nkill_grace_s = -1\n", "-1 is not a number, 0 or more"),
        ("[scheduler]\nkill_grace_s = 2026-01-01\n", "is not a number"),
    ],
    indirect=["home"],
)
def test_what_the_file_cannot_mean(home: Home, message: str) -> None:
    with pytest.raises(BadInput, match=message) as raised:
        load_settings(home, {})
    assert str(home.settings_file) in str(raised.value) and "\n" not in str(raised.value)


def test_a_settings_file_that_is_a_folder() -> None:
    class Odd(Home):
        @property
        def settings_file(self) -> Path:
            return Path("/proc")

    with pytest.raises(BadInput, match="/proc cannot be read: Is a directory"):
        load_settings(Odd(Path("/nonexistent")), {})


@toml(
    ("name", "text"),
    [
        ("TUIFLOW_CORE_PARALLELISM", ""),
        ("TUIFLOW_CORE_PARALLELISM", "1.5"),
        ("TUIFLOW_CORE_PARALLELISM", "-1"),
        ("TUIFLOW_SCHEDULER_KILL_GRACE_S", "soon"),
        ("TUIFLOW_SCHEDULER_KILL_GRACE_S", "inf"),
        ("TUIFLOW_SCHEDULER_KILL_GRACE_S", "-0.5"),
    ],
)
def test_what_the_environment_cannot_mean(name: str, text: str) -> None:
    with pytest.raises(BadInput, match=f"^{name}: '{text}' is not"):
        load_settings(NOWHERE, {name: text})


@toml(
    ("name", "text", "section", "key", "value"),
    [
        ("TUIFLOW_CORE_PARALLELISM", "0", "core", "parallelism", 0),
        ("TUIFLOW_CORE_DAGS_ARE_PAUSED_AT_CREATION", "true", "core", "dags_are_paused_at_creation", "true"),
        ("TUIFLOW_SCHEDULER_PARSE_TIMEOUT_S", "1e2", "scheduler", "parse_timeout_s", 100.0),
        ("TUIFLOW_XCOM_MAX_BYTES", "4096", "xcom", "max_bytes", 4096),
    ],
)
def test_values_take_the_type_of_their_default(name: str, text: str, section: str, key: str, value: object) -> None:
    found = getattr(getattr(load_settings(NOWHERE, {name: text}), section), key)
    assert found == value and type(found) is type(value)


@toml("home", ["[core]\ndags_are_paused_at_creation = true\n"], indirect=True)
def test_a_toml_boolean_is_fine_where_text_is_meant(home: Home) -> None:
    assert load_settings(home, {}).core.dags_are_paused_at_creation == "true"


def test_every_setting_can_be_set_in_the_environment() -> None:
    for section in fields(Settings):
        for item in fields(getattr(Settings(), section.name)):
            default = getattr(getattr(Settings(), section.name), item.name)
            new = "x" if isinstance(default, str) else type(default)(default + 1)
            settings = load_settings(NOWHERE, {f"TUIFLOW_{section.name}_{item.name}".upper(): str(new)})
            assert getattr(getattr(settings, section.name), item.name) == new


def test_where_the_home_and_its_parts_are() -> None:
    assert home_from_environment({"TUIFLOW_HOME": "/a/b"}) == Home(Path("/a/b"))
    assert home_from_environment({}).root == Path("~/.tuiflow").expanduser()
    assert home_from_environment({"TUIFLOW_HOME": "rel"}).root.is_absolute()
    assert key_file({"TUIFLOW_SECRETS_KEY_FILE": "/k"}) == Path("/k")
    assert key_file({"XDG_CONFIG_HOME": "/c"}) == Path("/c/tuiflow/key")
    assert not key_file({}).is_relative_to(home_from_environment({}).root)
    assert dags_folder(NOWHERE, Settings()) == NOWHERE.root / "dags"
    named = load_settings(NOWHERE, {"TUIFLOW_CORE_DAGS_FOLDER": "~/flows"})
    assert dags_folder(NOWHERE, named) == Path("~/flows").expanduser()
