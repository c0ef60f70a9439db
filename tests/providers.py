"""`python -m tests.providers`: installs Airflow's provider packages without Airflow and tries to import all of them.

They go into a virtual environment in the cache (minutes and some GB at first), with the tuiflow of this folder. Prints
a line for each package; exit code 1 when a module of those that need nothing else cannot be imported.

--only NAME...    these packages alone
--write           keep their answers in tests/data/airflow_providers.json, of which the docs are made
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ANSWERS = ROOT / "tests" / "data" / "airflow_providers.json"
WHOLE = ("common-sql", "docker", "http", "postgres", "sftp", "slack", "smtp", "sqlite", "ssh")
"""Of these every module is imported."""
OTHERS = (
    "amazon",
    "apache-kafka",
    "cncf-kubernetes",
    "common-compat",
    "common-io",
    "databricks",
    "dbt-cloud",
    "elasticsearch",
    "ftp",
    "google",
    "imap",
    "jdbc",
    "microsoft-mssql",
    "mongo",
    "mysql",
    "odbc",
    "openai",
    "papermill",
    "redis",
    "snowflake",
    "telegram",
    "trino",
)
TOO_MUCH = ("mysqlclient", "ray", "sagemaker-studio")
"""Requirements that are built from C sources or are gigabytes."""
UNSAID = ("deprecated", "packaging")
"""What providers import and only Airflow requires."""
PREFIX = "apache-airflow-providers-"
SLICE = (
    "common-compat==1.23.0",
    "common-sql==2.4.0",
    "http==6.3.0",
    "postgres==7.1.1",
    "sftp==7.0.0",
    "slack==9.11.1",
    "smtp==3.2.0",
    "sqlite==4.3.4",
    "ssh==7.0.1",
)
SLICE_REQUIRES = (
    "aiosmtplib",
    "asgiref",
    "deprecated",
    "methodtools",
    "more-itertools",
    "psycopg",
    "psycopg-binary",
    "requests-toolbelt",
    "slack-sdk",
    "sqlparse",
    "wirerope",
    "wrapt",
)
"""What these import besides what `.[dev]` holds."""
_LIST_REQUIREMENTS = """
import json, sys
from importlib import metadata
from packaging.requirements import Requirement
left_out, found = json.loads(sys.argv[1]), {}
for distribution in metadata.distributions():
    if distribution.metadata["Name"].startswith("apache-airflow-providers-"):
        for text in distribution.requires or ():
            wanted = Requirement(text)
            is_wanted = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
            if is_wanted and not wanted.name.startswith("apache-airflow") and wanted.name not in left_out:
                extras = "" if wanted.extras <= {"all"} else f"[{','.join(sorted(wanted.extras))}]"
                found[f"{wanted.name}{extras}{wanted.specifier}"] = None
print("\\n".join(found))
"""


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.providers", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--only", nargs="+", default=sorted([*WHOLE, *OTHERS]), help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    python = environment(options.only)
    answers = {name: answer_of(python, name) for name in options.only}
    if options.write:
        known = json.loads(ANSWERS.read_text(encoding="utf-8")) if ANSWERS.exists() else {}
        ANSWERS.write_text(json.dumps(dict(sorted((known | answers).items())), indent=1) + "\n", encoding="utf-8")
    return int(any(answers[name]["missing"] for name in WHOLE if name in answers))


def environment(names: Sequence[str]) -> Path:
    """The Python of the virtual environment, with these providers and what they require. Raises SystemExit."""
    base = _cache() / "tuiflow-providers"
    python = base / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", base], check=True)
        _install(python, "--upgrade", "pip")
    _install(python, *UNSAID, "--editable", str(ROOT))
    _install(python, "--no-deps", *(PREFIX + name for name in names))
    command: list[str | Path] = [python, "-c", _LIST_REQUIREMENTS, json.dumps(TOO_MUCH)]
    wanted = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    _install(python, "--prefer-binary", *wanted)
    return python


def slice_folder() -> Path:
    """A folder for `sys.path` with a few of the packages and what they require that `.[dev]` does not hold.

    Raises SystemExit where pip cannot get them."""
    wanted = [*(PREFIX + text for text in SLICE), *SLICE_REQUIRES]
    folder = _cache() / f"tuiflow-providers-{hashlib.sha256(' '.join(wanted).encode()).hexdigest()[:12]}"
    if not folder.is_dir():
        partial = folder.with_name(f"{folder.name}.{os.getpid()}")
        _install(Path(sys.executable), "--no-deps", "--target", str(partial), *wanted)
        with contextlib.suppress(FileExistsError, OSError):  # another process was first
            partial.rename(folder)
    return folder


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()


def _install(python: Path, *words: str) -> None:
    if subprocess.run([python, "-m", "pip", "install", "--quiet", *words], check=False).returncode:
        raise SystemExit(f"providers: pip could not install {' '.join(words)}")


def answer_of(python: Path, name: str) -> dict[str, Any]:
    """Version, number of modules, and what is missing by module; told as it is known."""
    listed: Any = json.loads(_tuiflow(python, "providers", "--json"))
    version = next(row["version"] for row in listed if row["provider"] == name)
    rows: Any = json.loads(_tuiflow(python, "providers", name, "--json"))
    missing = {row["module"].removeprefix("airflow.providers."): row["missing"] for row in rows if row["missing"]}
    print(f"{name} {version}: {len(rows) - len(missing)} of {len(rows)} modules imported", flush=True)
    for module, why in missing.items():
        print(f"  {module}: {why}")
    return {"version": version, "modules": len(rows), "missing": missing}


def _tuiflow(python: Path, *words: str) -> str:
    return subprocess.run([python.with_name("tuiflow"), *words], check=False, capture_output=True, text=True).stdout


def table() -> str:
    """The kept answers, for the docs."""
    lines = ["| provider | version | modules imported | what the others lack |\n|---|---|---|---|\n"]
    answers = json.loads(ANSWERS.read_text(encoding="utf-8"))
    for name, answer in sorted((name, answer) for name, answer in answers.items() if answer["modules"]):
        reasons: dict[str, list[str]] = {}
        for module, why in answer["missing"].items():
            reasons.setdefault(_in_short(why), []).append(f"`{module}`")
        lacks = "; ".join(f"{why}: {', '.join(modules)}" for why, modules in reasons.items())
        count = f"{answer['modules'] - len(answer['missing'])} of {answer['modules']}"
        lines.append(f"| {name} | {answer['version']} | {count} | {lacks} |\n")
    return "".join(lines)


def _in_short(why: str) -> str:
    _, needs, package = why.partition(";")[0].partition(" needs the package ")
    return f"the package {package}" if needs else re.split(r": |; ", why)[0]


if __name__ == "__main__":
    sys.exit(main())
