"""Source versions without a disk."""

from __future__ import annotations

from tui_flow.loader.sources import content_hash, listing_content, source_version


def test_a_version_is_the_hash_of_the_manifest_whatever_its_order() -> None:
    one = {"etl.py": content_hash(b"a"), "lib.py": content_hash(b"b")}
    assert source_version(one) == source_version(dict(reversed(one.items())))
    assert len(source_version(one)) == 16


def test_content_and_name_both_count() -> None:
    versions = [
        source_version({"etl.py": content_hash(b"a")}),
        source_version({"etl.py": content_hash(b"b")}),
        source_version({"elt.py": content_hash(b"a")}),
        source_version({}),
    ]
    assert len(set(versions)) == len(versions)


def test_what_an_editor_leaves_in_a_folder_is_no_change() -> None:
    assert listing_content(["b.yml", "a.yml"]) == listing_content(
        ["a.yml", ".a.yml.swp", "b.yml", "a.yml~", "__pycache__"]
    )
    assert listing_content(["a.yml"]) != listing_content(["b.yml"])
