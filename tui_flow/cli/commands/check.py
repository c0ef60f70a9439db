"""`tuiflow check`."""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tui_flow import signs
from tui_flow.cli import migration
from tui_flow.cli.lazy import command, verb_app
from tui_flow.cli.loading import load_files
from tui_flow.cli.options import AsJson
from tui_flow.cli.plugin_report import plugin_lines, plugins_beside
from tui_flow.cli.show import count, lines, one_line, print_json, say
from tui_flow.errors import BadInput
from tui_flow.loader import archives
from tui_flow.loader.dialect import parse_source
from tui_flow.loader.discover import DagsFolder, Refusal
from tui_flow.loader.lint import OURS_ALONE, check_source
from tui_flow.loader.registry import is_among
from tui_flow.settings import Settings, dags_folder, home_from_environment, load_settings
from tui_flow.spec import spec_from_dict
from tui_flow.state import TaskState

app = verb_app()


@command(app, "check", example="tuiflow check dags/etl.py")
def check(
    path: Annotated[
        str | None, typer.Argument(metavar="[PATH]", help="A file or folder; the DAGs folder without it.")
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show tracebacks and what the files printed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Parse DAG files and report what is wrong in them.

    Of Airflow's files it says whose defaults they mean, what of them has no effect here, and what cannot run, with the
    line and what to use instead; also imports in functions, which would fail in a task. It remarks on what is legal and
    still a mistake, such as a start date that moves.

    Exit code 1 when a file, or an import in it, cannot be imported or two files have the same DAG id; hints (`!`) do
    not count. Each file is imported in a process of its own; nothing is stored or scheduled.
    """
    folder, files, refusals = _files(path)
    reports = [_refused(refusal) for refusal in refusals]
    owners: dict[str, list[str]] = defaultdict(list)
    settings = load_settings(home_from_environment())
    plugins = plugins_beside(folder)
    with tempfile.TemporaryDirectory(prefix="tuiflow-check-") as sources:
        for loaded in load_files(folder, files, Path(sources), settings):
            report = _report(loaded, folder, settings, {plugin["name"] for plugin in plugins})
            for dag_id in report["dags"]:
                owners[dag_id].append(report["file"])
            reports.append(report)
            if not as_json:
                _print(report, verbose)
    doubles = [{"dag_id": dag_id, "files": found} for dag_id, found in owners.items() if len(found) > 1]
    failed = sum(report["error"] is not None or bool(report["cannot"]) for report in reports) + len(doubles)
    if as_json:
        about = migration.summary(reports, settings.core)
        print_json({"files": reports, "plugins": plugins, "duplicates": doubles, "airflow": about, "ok": not failed})
    else:
        lines(f"! {line}" for line in plugin_lines(plugins))
        _print_end(reports, refusals, doubles, failed)
        for words in migration.summary_words(reports, settings.core, _providers):
            say(words)
    if failed:
        raise typer.Exit(1)


def _providers() -> list[str]:
    from tui_flow.compat.airflow.provider_packages import installed_providers  # metadata: 40 ms, for Airflow's files

    return [f"{provider.name} {provider.version}" for provider in installed_providers() if not provider.is_ours]


def _files(path: str | None) -> tuple[Path, list[str], Sequence[Refusal]]:
    """The folder that counts as the DAGs folder, DAG files below it, and what is refused."""
    home = home_from_environment()
    folder = dags_folder(home, load_settings(home))
    target = Path(path).absolute() if path else folder
    if not target.exists() and not archives.is_file(str(target)):
        raise BadInput(f"{target} does not exist; name a DAG file or a folder of them")
    if not target.is_dir():
        file = Path(archives.archive_of(str(target)) or target)
        root = folder if target.is_relative_to(folder) else file.parent
        if target.suffix == archives.ENDING:
            return root, *_in_archive(root, str(target.relative_to(root)))
        return root, [str(target.relative_to(root))], ()
    listing = DagsFolder(target).scan()
    if listing.problem:
        raise BadInput(listing.problem)
    return target, [file.path for file in listing.files], listing.refusals


def _in_archive(root: Path, archive: str) -> tuple[list[str], Sequence[Refusal]]:
    """The DAG files of one zip file, and what is refused of it."""
    listing = DagsFolder(root).scan()
    refusals = [each for each in listing.refusals if is_among(each.path, [archive])]
    return [file.path for file in listing.files if is_among(file.path, [archive])], refusals


def _report(loaded: dict[str, Any], folder: Path, settings: Settings, plugins: Collection[str]) -> dict[str, Any]:
    failure = loaded["failure"] or {}
    source = _source(folder / loaded["file"])
    tree = parse_source(source)
    is_ours = settings.core.airflow_imports != "installed"
    dialect = migration.dialect_words(loaded["specs"], source, settings.core.airflow_dialect)
    return {
        "file": loaded["file"],
        "dags": [spec["dag_id"] for spec in loaded["specs"]],
        "tasks": sum(len(spec.get("tasks", ())) for spec in loaded["specs"]),
        "seconds": loaded["seconds"],
        "error": failure.get("message"),
        "line": failure.get("line"),
        "traceback": failure.get("traceback_text") or None,
        "dialect": dialect,
        "hints": loaded["warnings"],
        "ignored": list(migration.ignored_arguments(loaded["specs"], tree)),
        "cannot": [],
        "without": [],
        **(migration.missing(tree, bool(failure), plugins) if tree and dialect and is_ours else {}),
        "remarks": [] if failure else _remarks(source, loaded["specs"], bool(dialect)),
        "output": loaded["output"],
    }


def _remarks(source: bytes, specs: Iterable[dict[str, Any]], is_airflows: bool) -> list[dict[str, Any]]:
    """What is legal and still a mistake. Of Airflow's files only what can be mended in a way that Airflow has, too."""
    found = check_source(source, [spec_from_dict(spec) for spec in specs])
    wanted = [each for each in found if not (is_airflows and each.rule in OURS_ALONE)]
    return [{"rule": each.rule, "line": each.line, "message": each.message} for each in wanted]


def _source(path: Path) -> bytes:
    try:
        return archives.read_bytes(str(path))
    except OSError:  # gone since it was listed, and told as such
        return b""


def _refused(refusal: Refusal) -> dict[str, Any]:
    nothing = {"dags": [], "tasks": 0, "seconds": 0.0, "line": None, "traceback": None, "output": ""}
    return {
        "file": refusal.path,
        "error": refusal.message,
        "dialect": None,
        "hints": [],
        "ignored": [],
        "cannot": [],
        "without": [],
        "remarks": [],
        **nothing,
    }


def _print(report: dict[str, Any], verbose: bool) -> None:
    if report["error"]:
        print(f"{_mark(TaskState.FAILED)} {one_line(report['error'])}")
    else:
        what = f"{count(len(report['dags']), 'DAG')}, {count(report['tasks'], 'task')}, {report['seconds']:.2f}s"
        print(f"{_mark(TaskState.SUCCESS)} {one_line(report['file'])}: {what}")
    if report["dialect"]:
        print(f"  {one_line(report['dialect'])}")
    for hint in report["hints"]:
        print(f"  ! {one_line(hint)}")
    for kind, sign in (("ignored", "!"), ("without", "!"), ("remarks", "!"), ("cannot", _mark(TaskState.FAILED))):
        for each in report[kind]:
            where = f"line {each['line']}: " if each["line"] else ""
            print(f"  {sign} {where}{one_line(each['message'])}")
    if verbose:
        lines(f"  {line}" for text in (report["traceback"], report["output"]) if text for line in text.splitlines())


def _print_end(
    reports: list[dict[str, Any]], refusals: Sequence[Refusal], doubles: list[dict[str, Any]], failed: int
) -> None:
    for refusal in refusals:
        print(f"{_mark(TaskState.FAILED)} {one_line(refusal.message)}")
    for double in doubles:
        print(
            f"{_mark(TaskState.FAILED)} DAG id {double['dag_id']!r} is used by {one_line(', '.join(double['files']))}"
        )
    if not reports:
        say("no DAG files here: a DAG file imports tui_flow (or airflow) and defines a DAG")
        return
    say(f"{count(len(reports), 'file')} checked, {count(failed, 'error')}")


def _mark(state: TaskState) -> str:
    sign = signs.sign_of(state)
    return signs.paint(sign.ascii if signs.wants_ascii(sys.stdout) else sign.glyph, sign.sgr)
