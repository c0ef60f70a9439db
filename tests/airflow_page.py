"""`python -m tests.airflow_page --write`: `.docs/airflow.md`, made from the tables of the import layer."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

from tests import providers
from tests.airflow_dags import airflow_importable
from tests.conformance.needs import NEEDS
from tests.generated import write_or_compare
from tui_flow.compat.airflow import names
from tui_flow.compat.airflow.brought import BROUGHT
from tui_flow.compat.airflow.refusals import ONE_MACHINE

PAGE = Path(__file__).resolve().parent.parent / ".docs" / "airflow.md"
HEAD = """# Airflow's DAG files

Made from the import layer by `python -m tests.airflow_page --write`.

DAG files for Airflow 1.10 to 3.3 run as they are, without Airflow: `tuiflow --dags ~/airflow/dags`, or `tuiflow up
--dags ...`, takes them from there. In a home that has no DAG files and names no folder yet it writes that into
`tuiflow.toml` as `[core] dags_folder`.
`tuiflow check FOLDER` says of each file what runs, what has no meaning here and what cannot run, with lines and what
to use instead; it ends with 1 where something cannot, and has `--json`.

- **Paused at first.** DAGs of Airflow files start paused, since a live Airflow may still run them (`[core]
  dags_are_paused_at_creation`).
- **The file's own defaults.** A file that imports `airflow.sdk` means Airflow 3: no catchup, `@daily` fires at
  midnight and that is its logical date. One that imports `airflow` otherwise means Airflow 2: catchup, `@daily`
  covers the day before. `tuiflow dags show` says which and why. A comment overrides it for one file (`# tuiflow:
  dialect=airflow2`, or `airflow3`, or `tui_flow`), `[core] airflow_dialect` for all.
  Airflow's own `AIRFLOW__SCHEDULER__CREATE_CRON_DATA_INTERVALS`, `..._CREATE_DELTA_DATA_INTERVALS` and
  `..._CATCHUP_BY_DEFAULT` go before both, where the environment sets them.
- **Who answers.** Where Airflow itself is installed beside tuiflow, tuiflow still answers `import airflow` in DAG
  files, and says so as a warning; `[core] airflow_imports` is `auto`, `tuiflow` (no warning) or `installed`
  (Airflow answers).
- **Providers.** An installed provider (`pip install --no-deps apache-airflow-providers-...`, then what it needs)
  goes before the classes below, but for the standard one; it imports its base classes from tuiflow, and a DAG file
  that imports it gets its hook for connections of its types. `tuiflow providers` lists what is installed, `tuiflow
  providers NAME` says which of its modules can be imported. With `[core] airflow_providers = tuiflow` the classes
  below go first. `tuiflow check` says who answers.
- **Packages.** `pip install 'tuiflow[airflow]'` brings what Airflow's own installation has and DAG files import
  unasked: BROUGHT. Where one is missing, the import error says so.
- **Settings.** `conf.get(...)` answers from `AIRFLOW__SECTION__KEY`, from `airflow.cfg` where `AIRFLOW_HOME` is set,
  else with Airflow's own default; its folders are tuiflow's. Mails go through the server of `[smtp]` that is set there,
  unless there is a connection `smtp_default`.
- **Names of Airflow 1.10.** Modules such as `airflow.contrib.operators.ssh_operator` lead to what is below; those
  whose classes are in a provider now, such as `airflow.contrib.hooks.aws_hook`, lead to that provider where it is
  installed, and else say which one to install.
- **The database.** `Session`, `DagBag`, `DagModel`, `Pool` and the like can be imported; what would read Airflow's
  database raises an error that says what to use instead.
- **Plugins and libraries.** The DAGs folder, `plugins/` in it and, beside it, `config/` (of `AIRFLOW_HOME` where that
  is set) and the plugins folder (`AIRFLOW__CORE__PLUGINS_FOLDER` names another) are on `sys.path`; what a DAG file
  imports from there belongs to its version. A folder that others can write to is left out, with a warning. What a
  plugin (a class of `AirflowPlugin`) lists has its names in Airflow: `airflow.operators.<plugin>`, `.sensors`,
  `.hooks`, `.macros`, and `{{ macros.<plugin>.<function>(...) }}`; its listeners, links, executors and web pages have
  no effect, and `tuiflow check` names them. Timetables are imported from the plugin's module.
- **Ignore files.** `.airflowignore` holds as in Airflow: globs, or regular expressions where
  `AIRFLOW__CORE__DAG_IGNORE_FILE_SYNTAX=regexp` or a line `# syntax: regexp` says so.
- **Zip files.** DAG files at the top of a zip file in the DAGs folder are DAG files like others, called
  `team.zip/etl.py`; they import what else is in the zip file before anything else. `.airflowignore` at its top holds
  in it. `tuiflow check team.zip` and `tuiflow run DAG --file team.zip/etl.py` take them, too.
- **Variables, connections, pools.** `tuiflow import airflow` brings them over: from the database that Airflow's
  environment variables or airflow.cfg name (`--db` names another, `--fernet-key` its key), or from the files of
  `airflow variables|connections|pools export` (`--export`). It shows what would come, asks, and replaces nothing
  without `--overwrite`.

`python -m tests.conformance` runs Airflow's own example DAGs and prints one line for each.
"""

PROVIDERS = """
## Provider packages without Airflow

What `python -m tests.providers` found: each package installed with `--no-deps`, then what it requires but Airflow (and
but `mysqlclient`, `ray`, `sagemaker-studio`), in one Python 3.11; every module for operators, sensors, hooks,
transfers, triggers, notifications and decorators imported.

"""


def main(words: list[str]) -> int:
    return write_or_compare(PAGE, render(), "tests.airflow_page", words)


def render() -> str:
    with airflow_importable():
        served = "".join(_modules())
    reasons: dict[str, list[str]] = {}
    for name, why in sorted(ONE_MACHINE.items()):
        reasons.setdefault(why, []).append(f"`{name}`")
    refused = "".join(f"| {', '.join(found)} | {why} |\n" for why, found in reasons.items())
    needed = "".join(f"| `{name}` | {what} |\n" for name, what in sorted(NEEDS.items()))
    brought = ", ".join(f"`{name}`" for name in sorted(set(BROUGHT.values()), key=str.lower))
    return (
        f"{HEAD.replace('BROUGHT', brought)}\n## What is served\n\n| module | names |\n|---|---|\n{served}"
        "\n## What is not\n\nAny other provider needs its package. An import of these says why:\n\n"
        f"| module or name | why |\n|---|---|\n{refused}"
        f"{PROVIDERS}{providers.table()}"
        "\n## Airflow's examples that do not run everywhere\n\n| file | needs |\n|---|---|\n" + needed
    )


def _modules() -> Iterator[str]:
    paths = {path for family in names.families() for path in names.table_of(family)}
    for path in sorted(paths):
        served = names.table_of(names.family_of(path))[path]
        if isinstance(served, str):
            yield f"| `{path}` | as `{served}` |\n"
        elif served:
            yield f"| `{path}` | {', '.join(f'`{name}`' for name in _own_names(path))} |\n"


def _own_names(path: str) -> list[str]:
    """What a module serves, without what its source merely imports."""
    module = importlib.import_module(path)
    return [name for name in module.__all__ if not _is_borrowed(getattr(module, name))]


def _is_borrowed(value: object) -> bool:
    origin = getattr(value, "__module__", None) or ""
    return origin in ("typing", "collections.abc", "__future__") or getattr(value, "__name__", "") == "tui_flow.errors"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
