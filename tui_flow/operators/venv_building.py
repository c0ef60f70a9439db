"""Virtual environments for tasks: made with `uv` where it is installed, else with `venv` and `pip`; kept in a cache."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import site
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from tui_flow.sdk.exceptions import AirflowException

Run = Callable[[Sequence[str], Mapping[str, str]], int]
"""Runs a command with additional environment variables; its exit code."""
_COMPLETE = "tuiflow-complete.json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a virtual environment shall be like."""

    requirements: tuple[str, ...] = ()
    python_version: str | None = None
    """For example `3.12`; None for the Python that runs the task."""
    system_site_packages: bool = True
    pip_install_options: tuple[str, ...] = ()
    index_urls: tuple[str, ...] = ()
    """The first replaces the package index, the others come after it."""

    def digest(self) -> str:
        """The same for the same environment."""
        return hashlib.sha256(json.dumps([asdict(self), sys.version]).encode()).hexdigest()[:16]


def build(wanted: Wanted, folder: Path, run: Run) -> Path:
    """Make the environment in `folder`; its interpreter. Raises AirflowException."""
    uv = shutil.which("uv")
    python = find_python(wanted.python_version, has_uv=uv is not None)
    _checked(run(_create(uv, python, wanted, folder), {}), f"the virtual environment in {folder} could not be made")
    if wanted.system_site_packages and wanted.python_version is None:
        _see_this_installation(folder)
    interpreter = folder / "bin" / "python"
    if wanted.requirements:
        listed = folder / "requirements.txt"
        listed.write_text("\n".join(wanted.requirements) + "\n", encoding="utf-8")
        command = [*_installer(uv, interpreter), "-r", str(listed), *wanted.pip_install_options]
        _checked(run(command, _index_environment(wanted.index_urls)), _not_installed(wanted))
    return interpreter


def is_venv_installed() -> bool:
    """Whether virtual environments can be made; Debian's Python may lack what that takes."""
    return shutil.which("uv") is not None or find_spec("venv") is not None


def find_python(version: str | None, has_uv: bool) -> str:
    """An interpreter of that version, or for uv the version itself. Raises AirflowException."""
    if version is None:
        return sys.executable
    found = shutil.which(f"python{version}") or (version if has_uv else None)
    if found is None:
        raise AirflowException(f"python_version {version!r}: there is no python{version} on PATH; install it, or uv")
    return found


def cached(wanted: Wanted, cache: Path, run: Run) -> Path:
    """The interpreter of an environment in `cache`, made if none is like it. One process makes it, others wait."""
    folder = cache / f"venv-{wanted.digest()}"
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / f"{folder.name}.lock"):
        interpreter = folder / "bin" / "python"
        if (folder / _COMPLETE).exists() and interpreter.exists():
            return interpreter
        shutil.rmtree(folder, ignore_errors=True)
        build(wanted, folder, run)
        (folder / _COMPLETE).write_text(json.dumps({"requirements": wanted.requirements}), encoding="utf-8")
        return interpreter


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _create(uv: str | None, python: str, wanted: Wanted, folder: Path) -> list[str]:
    shared = ["--system-site-packages"] if wanted.system_site_packages else []
    if uv is not None:
        return [uv, "venv", "--quiet", "--python", python, *shared, str(folder)]
    bare = [] if wanted.requirements else ["--without-pip"]
    return [python, "-m", "venv", *bare, *shared, str(folder)]


def _see_this_installation(folder: Path) -> None:
    """`--system-site-packages` means those of the base Python; tuiflow itself may live in a virtual environment."""
    if sys.prefix == sys.base_prefix:
        return
    target = next((folder / "lib").glob("python*/site-packages"))
    lines = "".join(f"import site; site.addsitedir({path!r})\n" for path in site.getsitepackages())
    (target / "tuiflow-outer.pth").write_text(lines, encoding="utf-8")


def _installer(uv: str | None, interpreter: Path) -> list[str]:
    if uv is not None:
        return [uv, "pip", "install", "--quiet", "--python", str(interpreter)]
    return [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def _index_environment(index_urls: Sequence[str]) -> dict[str, str]:
    """For both installers. Not as options: credentials in them would show in the list of processes."""
    if not index_urls:
        return {}
    first, others = index_urls[0], " ".join(index_urls[1:])
    values = {"PIP_INDEX_URL": first, "UV_INDEX_URL": first}
    return values | ({"PIP_EXTRA_INDEX_URL": others, "UV_EXTRA_INDEX_URL": others} if others else {})


def _not_installed(wanted: Wanted) -> str:
    return f"the requirements could not be installed: {', '.join(wanted.requirements)}"


def _checked(exit_code: int, message: str) -> None:
    if exit_code != 0:
        raise AirflowException(f"{message} (exit code {exit_code}); what was said is in the log")
