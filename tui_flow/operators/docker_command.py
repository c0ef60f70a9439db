"""The words of a `docker run`, from what an author says about a container. Pure: nothing is started here."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Mount = Mapping[str, Any] | str
"""A `docker.types.Mount`, a dict like it (`Source`, `Target`, `Type`, `ReadOnly`), or text as `--mount` takes it, or as
`--volume` does."""

_OF_THE_CLIENT = ("PATH", "HOME", "DOCKER_", "LD_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSH_", "TMPDIR")
"""Variables that the docker program reads for itself."""


@dataclass(frozen=True, slots=True)
class Container:
    """What shall run."""

    name: str
    image: str
    command: str | Sequence[str] | None = None
    entrypoint: str | Sequence[str] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: Sequence[Mount] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of `docker run` by name without dashes: a text, a number, True, or a list for a repeated one."""


def run_command(docker: Sequence[str], container: Container) -> list[str]:
    """`docker run ... IMAGE COMMAND`."""
    entrypoint = _words(container.entrypoint)
    words = [*docker, "run", "--name", container.name]
    words += [word for name, value in container.options.items() for word in _option(name, value)]
    words += [word for name, value in container.environment.items() for word in ("--env", _variable(name, value))]
    words += [word for mount in container.mounts for word in _mount(mount)]
    words += ["--entrypoint", entrypoint[0]] if entrypoint else []
    return [*words, container.image, *entrypoint[1:], *_words(container.command)]


def client_environment(container: Container) -> dict[str, str]:
    """Variables that go to the container by way of the docker program's own: their values show in no process list."""
    return {name: value for name, value in container.environment.items() if not _is_clients(name)}


def _is_clients(name: str) -> bool:
    return name.upper().startswith(_OF_THE_CLIENT)


def _variable(name: str, value: str) -> str:
    return f"{name}={value}" if _is_clients(name) else name


def _option(name: str, value: Any) -> Iterator[str]:
    flag = f"--{name.replace('_', '-')}"
    if value is True:
        yield flag
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from (flag, f"{key}={part}")
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for part in value:
            yield from (flag, str(part))
    elif value not in (None, False, ""):
        yield from (flag, str(value))


def _mount(mount: Mount) -> list[str]:
    if isinstance(mount, str):
        return ["--mount" if "=" in mount else "--volume", mount]
    given = {str(key).lower().replace("_", ""): value for key, value in mount.items()}
    target = given.get("target")
    if not target:
        raise ValueError(f"a mount needs a Target: {json.dumps(dict(mount), default=str)}")
    parts = [f"type={given.get('type') or 'volume'}", f"target={target}"]
    parts += [f"source={given['source']}"] if given.get("source") else []
    parts += ["readonly"] if given.get("readonly") else []
    return ["--mount", ",".join(parts)]


def _words(command: str | Sequence[str] | None) -> list[str]:
    """A command as words; text that is a Python or JSON list is one, other text is split as a shell does."""
    if command is None:
        return []
    if not isinstance(command, str):
        return [str(word) for word in command]
    stripped = command.strip()
    if stripped.startswith("[") and stripped.endswith("]"):
        return [str(word) for word in _listed(stripped)]
    return shlex.split(command)


def _listed(text: str) -> list[Any]:
    import ast

    try:
        words = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return shlex.split(text)
    return list(words)
