"""Airflow's published wheels: downloaded once, and the folders of example DAGs in them."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

WHEELS = {
    "3.3.2": ("apache-airflow-core==3.3.2", "apache-airflow-providers-standard==1.21.0"),
    "2.11.0": ("apache-airflow==2.11.0",),
    "2.2.5": ("apache-airflow==2.2.5",),
    "1.10.15": ("apache-airflow==1.10.15",),
}
"""The distributions that hold the examples of the versions that are tried as a rule."""
_FOLDERS = ("airflow/example_dags/", "airflow/contrib/example_dags/", "airflow/providers/standard/example_dags/")


def requirements_of(version: str) -> tuple[str, ...]:
    """Of any version: the core's wheel has the standard provider's examples too, where it is not pinned above."""
    core = "apache-airflow" if version.split(".")[0] in ("1", "2") else "apache-airflow-core"
    return WHEELS.get(version) or (f"{core}=={version}",)


def example_folder(version: str) -> Path:
    """The unpacked examples of all its wheels, as they lie in a site-packages: some trigger each other. Raises
    SystemExit where pip cannot get a wheel."""
    root = _cache() / f"examples-{len(_FOLDERS)}" / version  # a copy of its own for another list of folders
    if not root.is_dir():
        partial = root.with_name(f"{version}.partial")
        for requirement in requirements_of(version):
            with zipfile.ZipFile(_downloaded(requirement)) as wheel:
                wheel.extractall(partial, [name for name in wheel.namelist() if name.startswith(_FOLDERS)])
        partial.rename(root)
    return root


def _cache() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return base / "tuiflow-conformance"


def _downloaded(requirement: str) -> Path:
    folder = _cache() / "wheels"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest"]
    if subprocess.run([*command, str(folder), requirement], check=False).returncode:
        raise SystemExit(f"conformance: pip cannot download {requirement}; give an unpacked folder with --folder")
    name, _, version = requirement.partition("==")
    return next(folder.glob(f"{name.replace('-', '_')}-{version}-*.whl"))
