"""What installed provider packages of Airflow's declare: hooks for types of connections, decorators of `@task`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def declared_by_providers(kind: str) -> Iterator[Mapping[str, str]]:
    """The entries of a kind, as `connection-types`; runs a small function of each package."""
    from importlib.metadata import entry_points  # 20 ms, for what is not ours

    for entry in entry_points(group="apache_airflow_provider"):
        yield from entry.load()().get(kind, ())
