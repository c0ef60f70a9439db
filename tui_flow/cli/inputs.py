"""Words from the command line made into values: JSON, `key=value`, one of a closed set. Raises BadInput in one line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence

from tui_flow.errors import BadInput, TuiflowError, UsageError, did_you_mean
from tui_flow.spec import Json


def parse_conf(conf: str | None, params: Sequence[str] | None = None, option: str = "--conf") -> dict[str, Json]:
    """One JSON object from `--conf` (text, or `@file`) and the `key=value` pairs of `-p`, which win."""
    values = _json_object(conf, option) if conf is not None else {}
    for pair in params or ():
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise BadInput(f"-p {pair!r} is not key=value")
        values[key] = json_or_text(value)
    return values


def _json_object(text: str, option: str) -> dict[str, Json]:
    if text.startswith("@"):
        text = read_file(text[1:], f"{option}: ")
    try:
        value = json.loads(text)
    except RecursionError as err:
        raise BadInput(f"{option} is nested too deeply") from err
    except ValueError as err:
        raise BadInput(f"{option} is not JSON: {err}") from err
    if not isinstance(value, dict):
        raise BadInput(f"{option} must be a JSON object like '{{\"day\": 1}}', not {type(value).__name__}")
    return value


def read_file(path: str, what: str = "") -> str:
    """The text of a file, or of stdin for `-`."""
    try:
        if path == "-":
            return sys.stdin.read()
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError) as err:
        raise BadInput(f"{what}cannot read {path!r}: {err}") from err


def write_file(path: str, text: str) -> None:
    """To a file that only its owner can read, or to stdout for `-`."""
    if path == "-":
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, 0o600)
            file.write(text)
    except OSError as err:
        raise BadInput(f"cannot write {path!r}: {err.strerror}") from err


def json_or_text(value: str) -> Json:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def one_of(value: str, allowed: Iterable[str], what: str) -> str:
    """The value, when it is one of a closed set."""
    allowed = [str(word) for word in allowed]
    if value not in allowed:
        raise BadInput(f"{what} {value!r} is unknown{did_you_mean(value, allowed)}; one of {', '.join(allowed)}")
    return value


def confirm(question: str, yes: bool) -> None:
    """Ask before something that changes more than one thing. Raises UsageError where nobody can answer or says no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nothing was done: there is no terminal to ask on; add -y to go ahead")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise TuiflowError("nothing was done")


def secret_from_stdin(prompt: str) -> str:
    """A value that must not stand in a shell's history: typed without echo, or read from a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.read().removesuffix("\n")
    from getpass import getpass  # saves every other command its import

    return getpass(prompt, stream=sys.stderr)
