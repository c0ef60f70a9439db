"""The benchmark command works; what it measures is nobody's to assert."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_one_quick_measurement_prints_its_row(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "tests.bench", "--quick", "--only", "hop", "--json", str(file)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert found.returncode == 0, found.stderr
    assert any(line.startswith("hop in a chain of 100, python") for line in found.stdout.splitlines())
    names = [figure["name"] for figure in json.loads(file.read_text())["figures"]]
    assert names == ["hop in a chain of 100, python", "hop in a chain of 100, shell"]
