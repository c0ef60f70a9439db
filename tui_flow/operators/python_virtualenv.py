"""`PythonVirtualenvOperator`, `BranchPythonVirtualenvOperator`: call a function in a virtual environment of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tui_flow.operators.isolated_call import serializer_library
from tui_flow.operators.isolated_python import IsolatedPythonOperator
from tui_flow.operators.package_index_hook import PackageIndexHook
from tui_flow.operators.venv_building import Wanted, build, cached
from tui_flow.sdk.branch import BranchMixIn
from tui_flow.sdk.context import Context


class PythonVirtualenvOperator(IsolatedPythonOperator):
    """Calls the function in a virtual environment that is made for it, or is in the cache.

    `requirements` are a list, text, or a `.txt` template file.
    """

    template_fields: Collection[str] = (
        "requirements",
        "index_urls",
        "index_urls_from_connection_ids",
        "venv_cache_path",
        *IsolatedPythonOperator.template_fields,
    )
    template_ext: Collection[str] = (".txt",)

    def __init__(
        self,
        *,
        requirements: str | Iterable[str] | None = None,
        python_version: str | float | None = None,
        system_site_packages: bool = True,
        pip_install_options: Iterable[str] | None = None,
        index_urls: str | Collection[str] | None = None,
        index_urls_from_connection_ids: str | Collection[str] | None = None,
        venv_cache_path: str | os.PathLike[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.requirements: Any = requirements if isinstance(requirements, str) else list(requirements or ())
        self.python_version = str(python_version) if python_version else None
        self.system_site_packages = system_site_packages
        self.pip_install_options = tuple(pip_install_options or ())
        self.index_urls, self.index_urls_from_connection_ids = index_urls, index_urls_from_connection_ids
        self.venv_cache_path = os.fspath(venv_cache_path) if venv_cache_path else None

    def wanted(self) -> Wanted:
        requirements = [str(line) for line in _lines(self.requirements)]
        packages = [line.partition("=")[0].strip().lower() for line in requirements]
        if self.serializer != "pickle" and self.serializer not in packages and not self.system_site_packages:
            requirements.append(self.serializer)
        named = [PackageIndexHook(conn_id).get_connection_url() for conn_id in self._connection_ids()]
        return Wanted(
            requirements=tuple(requirements),
            python_version=self.python_version,
            system_site_packages=self.system_site_packages,
            pip_install_options=self.pip_install_options,
            index_urls=(*named, *_lines(self.index_urls)),
        )

    def _connection_ids(self) -> list[str]:
        return _lines(self.index_urls_from_connection_ids)

    def execute_isolated(self, context: Context) -> Any:
        serializer_library(self.serializer)  # before the environment is made: that takes its time
        wanted = self.wanted()
        if self.venv_cache_path:
            cache = Path(self.venv_cache_path).expanduser()
            return self.call_with(cached(wanted, cache, self._run), context)
        folder = tempfile.mkdtemp(prefix="tuiflow-venv-")
        try:
            return self.call_with(build(wanted, Path(folder), self._run), context)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        self.log.info("Running command: %s", " ".join(command))
        outer = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "VIRTUAL_ENV")}
        return self.subprocess_hook.run_command(command, {**outer, **environment}, on_line=print).exit_code


class BranchPythonVirtualenvOperator(PythonVirtualenvOperator, BranchMixIn):
    """As `PythonVirtualenvOperator`; the function chooses which downstream tasks run."""

    inherits_from_skipmixin = True

    def execute(self, context: Context) -> Any:
        return self.do_branch(context, super().execute(context))


def _lines(value: str | Iterable[str] | None) -> list[str]:
    if value is None:
        return []
    given = value.splitlines() if isinstance(value, str) else value
    return [line.strip() for line in given if line.strip() and not line.strip().startswith("#")]
