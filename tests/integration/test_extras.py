"""What happens where a package that an extra brings is not installed: in a process that cannot import it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tui_flow.sdk.extras import EXTRA_PACKAGES, MODULE_OF

MODULES = sorted({MODULE_OF.get(package, package) for packages in EXTRA_PACKAGES.values() for package in packages})
BLOCKED = f"import sys; sys.modules.update(dict.fromkeys({MODULES!r}))\n"
USES = {
    "http": "from tui_flow.operators.http_hook import HttpHook; HttpHook().run('http://127.0.0.1:1/')",
    "sql": "from tui_flow.operators.sql_hook import SqlHook; SqlHook('c').get_conn()",
    "ssh": "from tui_flow.operators.ssh_hook import SSHHook; SSHHook(remote_host='h').get_conn()",
    "fs": "from tui_flow.operators.object_storage import ObjectStoragePath; ObjectStoragePath('memory://x').exists()",
    "pandas": "from tui_flow.operators.sqlite_hook import SqliteHook; SqliteHook(':memory:').get_df('select 1')",
    "venv": "from tui_flow.operators.isolated_call import serializer_library; serializer_library('dill')",
    "yaml": "from tui_flow import macros; macros.yaml",
}


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BLOCKED + program],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={"TUIFLOW_CONN_C": "postgres+x://h/d", "PYTHONPATH": "."},
    )


@pytest.mark.parametrize("name", EXTRA_PACKAGES)
def test_the_error_names_the_extra(name: str) -> None:
    last = run(USES[name]).stderr.strip().splitlines()[-1]
    assert "MissingExtra" in last and f"pip install 'tuiflow[{name}]'" in last
    assert any(repr(package) in last for package in EXTRA_PACKAGES[name])


def test_operators_load_without_their_extras() -> None:
    done = run(
        "import importlib, pathlib, tui_flow.operators as o\n"
        "for path in pathlib.Path(o.__file__).parent.glob('*.py'):\n"
        "    importlib.import_module('tui_flow.operators.' + path.stem)\n"
        "print('loaded')"
    )
    assert done.stdout == "loaded\n", done.stderr
