"""The home folder's layout and the settings: `tuiflow.toml`, over it `TUIFLOW_<SECTION>_<KEY>`. No I/O but reading
those."""

from __future__ import annotations

import contextlib
import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from tui_flow.errors import BadInput


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything of one installation lives; only the secrets key is elsewhere."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "tuiflow.db"

    @property
    def settings_file(self) -> Path:
        return self.root / "tuiflow.toml"

    @property
    def lock(self) -> Path:
        return self.root / "scheduler.lock"

    @property
    def socket(self) -> Path:
        return self.root / "scheduler.sock"

    @property
    def journal(self) -> Path:
        return self.root / "journal"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def scheduler_log(self) -> Path:
        """What a scheduler in the background says."""
        return self.root / "scheduler.log"

    @property
    def sources(self) -> Path:
        """DAG files and what they loaded, by content hash."""
        return self.root / "sources"

    def blob(self, content_hash: str) -> Path:
        """The content of a file that some version of a DAG was parsed from."""
        return self.sources / "blobs" / content_hash

    @property
    def spill(self) -> Path:
        """XComs that are too large for the database."""
        return self.root / "xcom"

    @property
    def triggers(self) -> Path:
        """Events of triggers that are not recorded yet, and the locks of triggerers."""
        return self.root / "triggers"

    @property
    def scratch(self) -> Path:
        """Working folders of commands that name none, while they run."""
        return self.root / "scratch"

    @property
    def results(self) -> Path:
        """Where the sample DAGs put what they make."""
        return self.root / "results"


def home_from_environment(environ: Mapping[str, str] | None = None) -> Home:
    environ = os.environ if environ is None else environ
    return Home(Path(environ.get("TUIFLOW_HOME") or "~/.tuiflow").expanduser().absolute())


def key_file(environ: Mapping[str, str] | None = None) -> Path:
    """The secrets key, apart from the home so that a copied home is useless without it."""
    environ = os.environ if environ is None else environ
    if named := environ.get("TUIFLOW_SECRETS_KEY_FILE"):
        return Path(named).expanduser()
    base = environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "tuiflow" / "key"


@dataclass(frozen=True, slots=True)
class CoreSettings:
    dags_folder: str = ""
    """Empty: `dags/` in the home."""
    executor: str = "local"
    """local, or sequential: one attempt at a time."""
    parallelism: int = 32
    """Attempts alive at once, over all DAGs."""
    default_timezone: str = ""
    """Zone of schedules in `tui_flow` files; empty: the machine's, written here at first start."""
    max_active_runs: int = 16
    max_active_tasks: int = 16
    max_map_length: int = 1024
    """Elements of a result that tasks may be mapped over."""
    dags_are_paused_at_creation: str = "auto"
    """true, false, or auto: only Airflow's files start paused."""
    airflow_imports: str = "auto"
    """Who answers `import airflow` in DAG files: tuiflow, installed (Airflow itself), or auto: tuiflow, with a warning
    where Airflow is installed too."""
    airflow_providers: str = "installed"
    """Who answers `import airflow.providers...` where a provider is installed and tuiflow serves names of it too:
    installed, or tuiflow."""
    airflow_dialect: str = "auto"
    """Whose defaults Airflow's files mean: airflow2, airflow3, or auto: what they import decides. A comment in the file
    goes before it (`# tuiflow: dialect=airflow2`)."""


@dataclass(frozen=True, slots=True)
class SchedulerSettings:
    parse_interval_s: float = 300.0
    """Every DAG file is parsed again this often, besides whenever it changes."""
    parse_timeout_s: float = 30.0
    parse_processes: int = 2
    parse_memory_bytes: int = 2 * 1024**3
    max_warm_hosts: int = 16
    host_idle_s: float = 300.0
    kill_grace_s: float = 30.0
    """Between SIGTERM and SIGKILL."""
    callback_timeout_s: float = 60.0
    trigger_block_limit_s: float = 60.0
    """A trigger that lets no other one run for this long fails."""
    max_tasks_per_dag: int = 10_000
    poll_files_s: float = 0.0
    """Above 0: look for changed files this often instead of using inotify."""
    stop_launching_below_bytes: int = 200 * 1024**2
    warn_below_bytes: int = 1024**3


@dataclass(frozen=True, slots=True)
class LogSettings:
    head_bytes: int = 100 * 1024**2
    """Of each attempt's log this much is kept from the beginning,"""
    tail_bytes: int = 10 * 1024**2
    """and this much from the end."""


@dataclass(frozen=True, slots=True)
class XComSettings:
    inline_bytes: int = 1024**2
    """Larger values spill to a file in the home."""
    max_bytes: int = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    default_deferrable: str = "false"
    """Whether operators that can wait in a trigger do so where they do not say."""


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    runs_days: float = 180.0
    """Finished runs that ended longer ago are removed with their logs, but for the newest of each DAG; 0 keeps all."""
    runs_per_dag: int = 0
    """Of each DAG so many runs are kept, the newest; 0 keeps all."""
    sweep_interval_s: float = 6 * 3600.0
    """How often the scheduler looks for what can be removed; 0: never, `tuiflow db clean` does it."""


@dataclass(frozen=True, slots=True)
class UiSettings:
    theme: str = "auto"
    """auto: the terminal's sixteen colours, ansi-light where COLORFGBG tells of a light background, else ansi-dark; or
    one of Textual's themes, such as nord, with colours that most colour-blind people can tell apart."""
    ascii: str = "auto"
    """on: signs and lines of ASCII alone; off: never; auto: where the terminal cannot show others."""
    mouse: str = "on"
    """off: the mouse selects text of the terminal."""
    title: str = "tuiflow"
    """What the header says first: to tell machines apart."""


@dataclass(frozen=True, slots=True)
class Settings:
    core: CoreSettings = field(default_factory=CoreSettings)
    scheduler: SchedulerSettings = field(default_factory=SchedulerSettings)
    logs: LogSettings = field(default_factory=LogSettings)
    xcom: XComSettings = field(default_factory=XComSettings)
    operators: OperatorSettings = field(default_factory=OperatorSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    ui: UiSettings = field(default_factory=UiSettings)


KEYS = "keys"
"""A section by itself: what may stand there is the dashboard's business."""


def dags_folder(home: Home, settings: Settings) -> Path:
    named = settings.core.dags_folder
    return Path(named).expanduser().absolute() if named else home.root / "dags"


def load_settings(home: Home, environ: Mapping[str, str] | None = None) -> Settings:
    """Defaults, over them `tuiflow.toml`, over that the environment. Raises BadInput for what cannot be read."""
    environ = os.environ if environ is None else environ
    settings = Settings()
    for section, values in _read_toml(home.settings_file).items():
        if section == KEYS:
            continue  # `load_keys` reads them
        if not isinstance(values, dict):
            raise BadInput(f"{home.settings_file}: [{section}] must be a table of settings")
        for key, value in values.items():
            settings = _with(settings, section, key, value, f"{home.settings_file}: [{section}] {key}")
    for section_field in fields(Settings):
        for item in fields(getattr(settings, section_field.name)):
            name = f"TUIFLOW_{section_field.name}_{item.name}".upper()
            if name in environ:
                settings = _with(settings, section_field.name, item.name, environ[name], name)
    return settings


def load_keys(home: Home) -> dict[str, str]:
    """`[keys]`: keys of the dashboard by the action that they are to have. Raises BadInput."""
    found = _read_toml(home.settings_file).get(KEYS, {})
    if not isinstance(found, dict):
        raise BadInput(f"{home.settings_file}: [{KEYS}] must be a table of keys")
    for action, keys in found.items():
        if not isinstance(keys, str) or not keys.strip():
            raise BadInput(f"{home.settings_file}: [{KEYS}] {action}: {keys!r} is no key; write it as text")
    return found


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise BadInput(f"{path} is not valid TOML: {err}; mend it or move it away") from err
    except OSError as err:
        raise BadInput(f"{path} cannot be read: {err.strerror}; make it a file that you can read") from err


def _with(settings: Settings, section: str, key: str, value: object, where: str) -> Settings:
    names = {f.name: [k.name for k in fields(getattr(settings, f.name))] for f in fields(Settings)}
    if key not in names.get(section, ()):
        known = ", ".join(names[section]) if section in names else ", ".join(f"[{name}]" for name in names)
        raise BadInput(f"{where}: unknown setting; known here: {known}")
    part = getattr(settings, section)
    changed = replace(part, **{key: _as_type_of(getattr(part, key), value, where)})
    return replace(settings, **{section: changed})


def _as_type_of(default: object, value: object, where: str) -> object:
    match default, value:
        case str(), bool():
            return str(value).lower()
        case str(), str():
            return value
        case int() | float(), int() | float() | str() if not isinstance(value, bool):
            with contextlib.suppress(ValueError):
                return _number_like(default, value)
    raise BadInput(f"{where}: {value!r} is not {_kind(default)}")


def _number_like(default: int | float, value: float | str) -> int | float:
    """Raises ValueError for what is no such number; all of them count something."""
    number = int(value) if isinstance(default, int) and isinstance(value, str) else float(value)
    if not 0 <= number < math.inf or (isinstance(default, int) and number != int(number)):
        raise ValueError(value)
    return int(number) if isinstance(default, int) else number


def _kind(default: object) -> str:
    return {str: "text", int: "a whole number, 0 or more", float: "a number, 0 or more"}[type(default)]
