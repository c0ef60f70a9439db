"""A slice of Airflow's examples, as its wheels hold them, through the command that runs all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.__main__ import main
from tests.conformance.wheels import example_folder

FILE = """
from airflow.sdk import dag, task

@dag()
def {name}():
    @task
    def a():
        {body}
    a()

{name}()
"""


def test_a_folder_of_dag_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "good.py").write_text(FILE.format(name="good", body="return 1"))
    (tmp_path / "fails.py").write_text(FILE.format(name="fails", body="raise RuntimeError"))
    (tmp_path / "bad.py").write_text("from airflow import DAG\nfrom airflow.nonsense import x\n")
    assert main(["--folder", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "good.py: good: imported, run success (1 success)" in out
    assert "bad.py: not run - bad.py:2: AirflowImportError: airflow.nonsense is not served" in out
    assert "3 told, 1 not as they should be\n1 failed and not judged, there is no recorded answer: fails\n" in out


@pytest.mark.timeout(300)
def test_a_slice_of_airflows_examples(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    try:
        example_folder("3.3.2")
    except SystemExit as err:
        pytest.skip(str(err))
    main(["--only", "example_xcom"])
    lines = [line for line in capsys.readouterr().out.splitlines() if ": example_xcom" in line]
    assert len(lines) == 3 and all("imported, run success" in line and " - " not in line for line in lines)
