"""DAG files in zip files: what is found in them, loaded from them, kept of them and said of them."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.integration.cli_home import tuiflow
from tests.integration.engine_kit import Engine
from tests.integration.loading import Dags, task_ids
from tui_flow.loader.archives import archive_of, is_file, is_folder
from tui_flow.loader.discover import DagsFolder
from tui_flow.loader.sources import SourceView
from tui_flow.records import Dag

ETL = """
import importlib.resources, pkgutil
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from steps.words import WORD

TEXT = pkgutil.get_data("steps", "text.txt").decode()
assert importlib.resources.files("steps").joinpath("text.txt").read_text() == TEXT

def say():
    from steps.late import LATE
    print("said", WORD, LATE, TEXT)

with DAG("packed", schedule=None) as dag:
    PythonOperator(task_id="say", python_callable=say) >> BashOperator(task_id="templated", bash_command="say.sh")
"""
MEMBERS = {
    "packed.py": ETL,
    "steps/__init__.py": "",
    "steps/words.py": "WORD = 'one'",
    "steps/late.py": "LATE = 'late'",
    "steps/text.txt": "text",
    "say.sh": "echo shell {{ ti.task_id }}",
}


def pack(path: Path, members: dict[str, str]) -> Path:
    with ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


@pytest.fixture
def dags(tmp_path: Path) -> Dags:
    found = Dags(tmp_path)
    pack(found.folder / "team.zip", MEMBERS)
    return found


def test_dag_files_at_the_top_are_found(tmp_path: Path) -> None:
    root = tmp_path / "dags"
    root.mkdir(mode=0o755)
    dag = "from airflow import DAG"
    pack(root / "team.zip", dict.fromkeys(("b.py", "a.py", ".c.py", "lib/d.py", "old.py"), dag) | {"x.py": "x = 1"})
    pack(root / "ignoring.zip", {".airflowignore": "old.py\n", "old.py": dag, "kept.py": dag})
    pack(root / "large.zip", {"etl.py": dag, "large.py": "#" * 2 * 1024**2})
    pack(root / "lib.zip", {"lib/etl.py": dag, "large.py": "#" * 2 * 1024**2})
    pack(root / "left_out.zip", {"etl.py": dag})
    (root / "broken.zip").write_bytes(b"PK no archive")
    (root / "folder.zip").mkdir()
    (root / "folder.zip" / "etl.py").write_text(dag)
    (root / ".airflowignore").write_text("left_out.zip\nteam.zip/old.py\n")
    folder = DagsFolder(root)
    listing = folder.scan()
    expected = ["folder.zip/etl.py", "ignoring.zip/kept.py", "large.zip/etl.py", "team.zip/a.py", "team.zip/b.py"]
    assert [file.path for file in listing.files] == expected
    refused = {refusal.path: refusal.message for refusal in listing.refusals}
    assert refused.keys() == {"broken.zip", "large.zip/large.py"}
    assert "broken.zip: it is damaged, or no zip file" in refused["broken.zip"]
    assert "2.0 MB" in refused["large.zip/large.py"]
    pack(root / "broken.zip", {"mended.py": dag})
    (root / "team.zip").chmod(0o666)
    after = folder.scan()
    assert "broken.zip/mended.py" in [file.path for file in after.files]
    assert ["everybody can write" in refusal.message for refusal in after.refusals if refusal.path == "team.zip"] == [
        True
    ]


def test_a_link_to_a_zip_file_counts_inside_the_folder_only(tmp_path: Path) -> None:
    root = tmp_path / "dags"
    root.mkdir(mode=0o755)
    pack(tmp_path / "away.zip", {"etl.py": "from airflow import DAG"})
    pack(tmp_path / "data.zip", {"rows.csv": ""})
    (root / "linked.zip").symlink_to(tmp_path / "away.zip")
    (root / "data.zip").symlink_to(tmp_path / "data.zip")
    listing = DagsFolder(root).scan()
    assert listing.files == () and [refusal.path for refusal in listing.refusals] == ["linked.zip"]


def test_it_imports_what_lies_beside_it_before_anything_else(dags: Dags) -> None:
    dags.write("steps/__init__.py", "raise AssertionError('the one beside comes first')")
    loaded = dags.load("team.zip/packed.py")
    assert task_ids(loaded) == ["say", "templated"]
    manifest = set(SourceView(dags.sources, loaded.source_version).manifest)
    assert {f"team.zip/{name}" for name in MEMBERS if name.endswith((".py", ".sh"))} <= manifest
    assert not any(path.startswith("team.zip/json") for path in loaded.dependencies)


def test_a_stored_version_is_loaded_after_the_zip_file_changed_or_went(dags: Dags) -> None:
    version = dags.load("team.zip/packed.py").source_version
    archive = dags.folder / "team.zip"
    pack(archive, MEMBERS | {"packed.py": ETL.replace('"say"', '"shout"'), "steps/words.py": ""})
    assert task_ids(dags.load("team.zip/packed.py", version)) == ["say", "templated"]
    archive.unlink()
    assert task_ids(dags.load("team.zip/packed.py", version)) == ["say", "templated"]


def test_errors_name_the_file_in_the_zip_file(dags: Dags) -> None:
    pack(dags.folder / "bad.zip", {"etl.py": "from airflow import DAG\nimport lib.x", "lib/x.py": "\n1 / 0"})
    failure = dags.load("bad.zip/etl.py").failure
    assert failure is not None and failure.message.startswith("bad.zip/lib/x.py:2 (imported at bad.zip/etl.py:2): Zero")
    (dags.folder / "team.zip").write_bytes(b"PK")
    failure = dags.load("team.zip/packed.py").failure
    assert failure is not None and "damaged, or no zip file" in failure.message


def test_paths_that_lead_into_a_zip_file(dags: Dags) -> None:
    archive = str(dags.folder / "team.zip")
    assert archive_of(f"{archive}/steps/late.py") == archive and archive_of(archive) is None
    assert is_file(f"{archive}/steps/late.py") and is_folder(f"{archive}/steps") and is_folder(archive)
    assert not is_file(f"{archive}/steps") and not is_folder(f"{archive}/none") and not is_file(f"{archive}/none.py")
    (dags.folder / "team.zip").write_bytes(b"PK")
    assert not is_file(f"{archive}/steps/late.py") and not is_folder(f"{archive}/steps")


def test_the_commands_take_files_in_a_zip_file(dags: Dags) -> None:
    archive = dags.folder / "team.zip"
    pack(dags.folder / "other.zip", {"broken.py": "from airflow import DAG\nimport nothing_there"})
    checked = tuiflow("check", str(archive))
    assert checked.returncode == 0 and "team.zip/packed.py: 1 DAG, 2 tasks" in checked.stdout
    assert "other.zip" not in checked.stdout
    assert "team.zip/packed.py: 1 DAG" in tuiflow("check", str(archive / "packed.py")).stdout
    assert "other.zip/broken.py:2: ModuleNotFoundError" in tuiflow("check", str(dags.folder)).stdout
    ran = tuiflow("run", "packed", "--file", str(archive / "packed.py"), "--logs")
    assert ran.returncode == 0 and "said one late text" in ran.stdout and "shell templated" in ran.stdout, ran.stderr
    assert tuiflow("dags", "show", "packed", "--source").stdout == ETL


def test_a_changed_zip_file_is_parsed_again_and_a_broken_one_keeps_its_dags(dags: Dags, tmp_path: Path) -> None:
    archive = dags.folder / "team.zip"
    with Engine(tmp_path / "engine", TUIFLOW_CORE_DAGS_FOLDER=str(dags.folder)) as engine:
        engine.start()
        engine.until(lambda: engine.reads(lambda reader: reader.dag("packed")), "the DAG is there")
        engine.wait_run("packed", engine.trigger("packed"))
        assert "said one late text" in engine.said("packed", "say")
        first = _dag(engine).source_version
        pack(archive, MEMBERS | {"steps/words.py": "WORD = 'two'"})
        engine.until(lambda: _dag(engine).source_version != first, "it is parsed again")
        engine.wait_run("packed", engine.trigger("packed"))
        assert "said two late text" in engine.said("packed", "say")
        archive.write_bytes(b"PK")
        engine.until(lambda: "team.zip" in _errors(engine), "the zip file is refused")
        engine.restart()
        assert not _dag(engine).is_missing
        pack(archive, {"other.py": ETL.replace('"packed"', '"other"')} | MEMBERS | {"packed.py": ""})
        engine.until(lambda: _dag(engine).is_missing and not _errors(engine), "its DAGs went, and the error")


def _dag(engine: Engine) -> Dag:
    dag = engine.reads(lambda reader: reader.dag("packed"))
    assert dag is not None
    return dag


def _errors(engine: Engine) -> list[str]:
    return [error.file for error in engine.reads(lambda reader: reader.import_errors()) or ()]
