"""`python -m tui_flow.cli.tested ORDER RESULT`: the child of `dag.test()`.

Runs the DAG as `tuiflow run` does, prints the tasks' logs as they come, and leaves in the file RESULT what became of
the run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tui_flow.cli.commands.run import run_to_its_end
from tui_flow.cli.commands.xcom import whole_text
from tui_flow.cli.lookup import find_run, open_reader
from tui_flow.cli.show import plain, say
from tui_flow.errors import TuiflowError


def main() -> None:
    order = json.loads(Path(sys.argv[1]).read_text())
    try:
        run_id = run_to_its_end(**order)[0]
    except TuiflowError as err:
        say(str(err))
        sys.exit(err.exit_code)
    Path(sys.argv[2]).write_text(json.dumps(_told(order["trigger"]["dag_id"], run_id)))


def _told(dag_id: str, run_id: str) -> dict[str, Any]:
    with open_reader() as reader:
        run = find_run(reader, dag_id, run_id)
        return {
            "run": plain(run),
            "tasks": [plain(ti) for ti in reader.task_instances(run.id)],
            "xcoms": [(row.task_id, row.map_index, row.key, whole_text(row.value)) for row in reader.xcoms(run.id)],
        }


if __name__ == "__main__":
    main()
