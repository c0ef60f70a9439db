"""The README says what the code does, and CI runs what the README says."""

from __future__ import annotations

from tests.docs import README, ROOT, with_generated_parts


def test_generated_parts_equal_the_code() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_generated_parts(text) == text, "run `python -m tests.docs --write`"


def test_ci_runs_the_test_line_of_the_readme() -> None:
    last_line = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]
    assert last_line in README.read_text(encoding="utf-8").splitlines()


def test_every_sample_stands_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    missing = [path.name for path in (ROOT / "sample_dags").glob("*.py") if f"sample_dags/{path.name}" not in text]
    assert missing == []
