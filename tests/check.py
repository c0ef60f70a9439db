"""`python -m tests.check`: every check of this repository, in order, with one exit code.

--fast               leave out what starts processes (all but tests/unit)
--pythons 3.12,3.13  run the tests on these interpreters too, each in a venv of its own below .venvs/
anything else        goes to pytest, for example `-k retry -x`
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ("tui_flow", "tests", "sample_dags")
TYPED = ("tui_flow", "tests")
DEBIAN_PACKAGES = {"git": "git", "tmux": "tmux"}
"""Programs that tests start, and the packages that hold them."""


def main(argv: Sequence[str] | None = None) -> int:
    options, pytest_args = parse_arguments(argv)
    if missing := install_programs():
        print(f"check: the tests need {', '.join(missing)}; install it: apt-get install {' '.join(missing)}")
        return 1
    failed = [name for name, command in static_checks() if not passes(name, command)]
    for version in options.pythons:
        if not tests_pass_on(version, test_folders(options.fast), pytest_args):
            failed.append(f"pytest on {version}")
    if failed:
        print(f"\ncheck: FAILED so far: {', '.join(failed)}", flush=True)
    pytest = [sys.executable, "-m", "pytest", *in_parallel(pytest_args), *test_folders(options.fast), *pytest_args]
    if not passes("pytest", pytest):
        failed.append("pytest")
    if failed:
        print(f"check: FAILED: {', '.join(failed)}")
    return 1 if failed else 0


def parse_arguments(argv: Sequence[str] | None) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="python -m tests.check", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--fast", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--pythons", type=lambda text: text.split(","), default=[], help=argparse.SUPPRESS)
    return parser.parse_known_args(argv)


def static_checks() -> list[tuple[str, list[str]]]:
    python = [sys.executable, "-m"]
    return [
        ("ruff format", [*python, "ruff", "format", "--check", "--quiet", *CODE]),
        ("ruff check", [*python, "ruff", "check", "--quiet", *CODE]),
        ("mypy --strict", [*python, "mypy", "--strict", *TYPED]),
        ("lint-imports", [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"]),
    ]


def test_folders(fast: bool) -> list[str]:
    names = ["unit"] if fast else ["unit", "oracle", "integration", "tui"]
    return [f"tests/{name}" for name in names if (ROOT / "tests" / name).is_dir()]


def in_parallel(pytest_args: Sequence[str]) -> list[str]:
    """Tests wait for processes more than they compute: a worker more than there are processors, unless told."""
    return [] if "-n" in pytest_args else ["-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal"]


def passes(name: str, command: Sequence[str]) -> bool:
    print(f"== {name}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def tests_pass_on(version: str, folders: Sequence[str], pytest_args: Sequence[str]) -> bool:
    """Runs the tests under another Python, whose venv is made on first use."""
    interpreter = find_python(version)
    if interpreter is None:
        print(f"check: Python {version} is neither on PATH (python{version}) nor in ~/.pyenv/versions; install it")
        return False
    venv = ROOT / ".venvs" / version
    python = str(venv / "bin" / "python")
    if not Path(python).exists() and not passes(f"venv {version}", [interpreter, "-m", "venv", str(venv)]):
        return False
    installed = passes(f"install on {version}", [python, "-m", "pip", "install", "--quiet", "-e", ".[dev]"])
    return installed and passes(
        f"pytest on {version}", [python, "-m", "pytest", *in_parallel(pytest_args), *folders, *pytest_args]
    )


def find_python(version: str) -> str | None:
    """The newest interpreter of this version that starts: a pyenv shim may be on PATH and lead nowhere."""
    on_path = shutil.which(f"python{version}")
    of_pyenv = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}*/bin/python"), reverse=True)
    for candidate in [on_path, *map(str, of_pyenv)]:
        if candidate and subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


def install_programs() -> list[str]:
    """Installs the Debian packages whose programs are missing, as far as we may; returns those that stay missing."""
    missing = [package for program, package in DEBIAN_PACKAGES.items() if shutil.which(program) is None]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", *missing], env=environment, check=False)
    return [package for program, package in DEBIAN_PACKAGES.items() if shutil.which(program) is None]


if __name__ == "__main__":
    sys.exit(main())
