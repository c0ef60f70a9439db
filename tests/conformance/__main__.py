"""`python -m tests.conformance`: runs Airflow's example DAGs and prints one line for each.

--airflow VERSION    3.3.2 (default), 2.11.0, 2.2.5, 1.10.15 or another: the examples in its wheels, which pip downloads
                     into a cache
--folder FOLDER      the DAG files of this folder instead
--only TEXT          only DAGs whose id contains this
--wait SECONDS       how long the runs may take together (default 120)

A run that failed, has no recorded answer and is not known to fail is named at the end as not judged.
Exit code 1 when a DAG cannot be imported or ends otherwise than Airflow's, unless `needs.py` says what it lacks.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.airflow_dags import DATA
from tests.conformance.needs import FAILS, NEEDS, lack_of
from tests.conformance.runner import Ran, run_folder
from tests.conformance.wheels import example_folder

ANSWERS = DATA / "airflow_examples.json"
ANSWERED = "3.3.2"
"""The version that gave them."""


def main(argv: Sequence[str] | None = None) -> int:
    options = parse_arguments(argv)
    folder = options.folder or example_folder(options.airflow)
    answers = read_answers() if options.airflow == ANSWERED and not options.folder else {}
    failed = told = 0
    not_judged: list[str] = []
    for ran in run_folder(folder.resolve(), wait_s=options.wait, only=options.only):
        lack = lack_of(ran.file, ran.problem)
        differences = list(compare(ran, answers.get(ran.dag_id)))
        told += 1
        failed += bool(differences) and not lack
        if is_not_judged(ran, answers.get(ran.dag_id)):
            not_judged.append(ran.dag_id)
        print(line_of(ran, lack, differences), flush=True)
    print(f"{told} told, {failed} not as they should be")
    if not_judged:
        print(f"{len(not_judged)} failed and not judged, there is no recorded answer: {', '.join(not_judged)}")
    return int(failed > 0)


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--airflow", default="3.3.2", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--only", default="", help=argparse.SUPPRESS)
    parser.add_argument("--wait", type=float, default=120.0, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def read_answers() -> dict[str, Any]:
    """What Airflow 3.3.2 recorded, by DAG id."""
    cases = json.loads(ANSWERS.read_text(encoding="utf-8"))["cases"]
    return {case["input"]["dag_id"]: case["expected"] for case in cases}


def compare(ran: Ran, answer: dict[str, Any] | None) -> Iterator[str]:
    """In words, what is not as it should be."""
    if ran.problem:
        yield ran.problem.splitlines()[0]
    elif answer is None:
        if ran.state not in ("success", "failed"):
            yield f"still {ran.state}"
    else:
        if ran.state != answer["dag_run_state"]:
            yield f"Airflow's run is {answer['dag_run_state']}"
        theirs = {(ti["task_id"], ti["map_index"]): ti["state"] for ti in answer["task_instances"]}
        for key in sorted(theirs.keys() | ran.tasks.keys()):
            if ran.tasks.get(key) != theirs.get(key):
                name = key[0] if key[1] < 0 else f"{key[0]}[{key[1]}]"
                yield f"{name} is {ran.tasks.get(key, 'absent')}, Airflow's {theirs.get(key, 'absent')}"


def is_not_judged(ran: Ran, answer: dict[str, Any] | None) -> bool:
    """It failed, and nobody knows whether it should."""
    is_known = ran.dag_id in FAILS or Path(ran.file).name in NEEDS
    return answer is None and not ran.problem and ran.state == "failed" and not is_known


def line_of(ran: Ran, lack: str, differences: Sequence[str]) -> str:
    name = f"{ran.file}: {ran.dag_id}" if ran.dag_id else ran.file
    counts = ", ".join(f"{count} {state}" for state, count in sorted(ran.counts.items()))
    what = f"imported, run {ran.state} ({counts})" if ran.state and not ran.problem else "not run"
    why = f" [needs {lack}]" if lack and (differences or ran.state == "failed") else ""
    if ran.state == "failed" and not differences and (reason := FAILS.get(ran.dag_id)):
        why = f" [fails with Airflow too: {reason}]"
    return " - ".join([f"{name}: {what}{why}", *differences])


if __name__ == "__main__":
    sys.exit(main())
