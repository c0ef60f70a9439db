"""`python -m tui_flow.compat.airflow.provider_trial`: imports the modules of a provider, one answer each.

Reads `{"modules": [...], "imports": ..., "providers": ...}` from stdin, the latter two as the settings say, and answers
one line of JSON per module on stdout: `{"module": ..., "missing": ...}`; null is missing of one that can be imported.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import warnings

from tui_flow.compat.airflow import finder
from tui_flow.compat.airflow.brought import extra_for


def main() -> None:
    order = json.load(sys.stdin)
    finder.install(order["imports"], order["providers"])
    warnings.simplefilter("ignore")
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # what modules print is no answer
        for module in order["modules"]:
            print(json.dumps({"module": module, "missing": missing_for(module)}), file=answers, flush=True)


def missing_for(module: str) -> str | None:
    """In words, why a module cannot be imported; None when it can."""
    try:
        importlib.import_module(module)
    except Exception as err:  # the edge: anybody's code
        return describe(err)
    return None


def describe(err: BaseException) -> str:
    """What is missing, from the first of a chain of errors: providers wrap those of optional packages."""
    while (inner := err.__cause__ or err.__context__) is not None and isinstance(inner, ImportError):
        err = inner
    if isinstance(err, ModuleNotFoundError) and err.name and not err.name.startswith("airflow"):
        extra = extra_for(err.name)
        return f"the Python module {err.name}" + (f" (pip install '{extra}')" if extra else "")
    if isinstance(err, ImportError):
        return str(err)
    return f"{type(err).__name__}: {err}"


if __name__ == "__main__":
    main()
