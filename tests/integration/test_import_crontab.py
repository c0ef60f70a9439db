"""`tuiflow import crontab`: shows a DAG file, writes it when told to, and what it wrote can be parsed and run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.cli_home import tuiflow

CRONTAB = (
    "GREETING='a {{ b }}.sh'\n# say it\n*/10 * * * * printf '%s' \"$GREETING\" > \"$TUIFLOW_HOME/said\"\n61 * * * * x\n"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUIFLOW_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "dags").mkdir(parents=True)
    (tmp_path / "crontab").write_text(CRONTAB.replace("%s", "\\%s"))
    return tmp_path / "home"


def test_a_crontab_is_shown_written_once_and_runs(home: Path, tmp_path: Path) -> None:
    file = home / "dags" / "from_crontab.py"
    words = ("import", "crontab", str(tmp_path / "crontab"))

    shown = tuiflow(*words)
    assert shown.returncode == 0, shown.stderr
    assert "cron_printf" in shown.stdout
    assert "line 4 is left out" in shown.stderr
    assert not file.exists()

    assert tuiflow(*words, "--write").returncode == 0
    assert file.read_text() == shown.stdout
    again = tuiflow(*words, "--write")
    assert again.returncode != 0
    assert "is there already" in again.stderr

    ran = tuiflow("run", "cron_printf")
    assert ran.returncode == 0, ran.stderr
    assert (home / "said").read_text() == "a {{ b }}.sh"


def test_a_crontab_without_entries_is_refused(home: Path) -> None:
    done = tuiflow("import", "crontab", "-", stdin="# nothing\n")

    assert done.returncode == 2
    assert "no entry" in done.stderr
    assert "Traceback" not in done.stderr
