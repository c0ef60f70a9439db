"""The patterns of `.airflowignore`."""

from __future__ import annotations

import pytest

from tui_flow.loader.ignore import IgnoreRules, lines_of


@pytest.mark.parametrize(
    ("patterns", "path", "is_ignored"),
    [
        ("*.py", "a.py", True),
        ("*.py", "sub/a.py", True),
        ("/a.py", "a.py", True),
        ("/a.py", "sub/a.py", False),
        ("sub/a.py", "sub/a.py", True),
        ("sub/a.py", "x/sub/a.py", False),
        ("old_*", "old_etl.py", True),
        ("old_*", "my_old_etl.py", False),
        ("**/tests/*.py", "a/b/tests/t.py", True),
        ("a/**/z.py", "a/z.py", True),
        ("a/**/z.py", "a/b/c/z.py", True),
        ("a?.py", "ab.py", True),
        ("a?.py", "a/.py", False),
        ("[ab].py", "b.py", True),
        ("[!ab].py", "b.py", False),
        ("*.py\n!keep.py", "keep.py", False),
        ("!keep.py\n*.py", "keep.py", True),
        ("# a comment\n\n", "# a comment", False),
        ("\\#odd.py", "#odd.py", True),
        ("tmp/", "tmp", False),
        ("a.b", "axb", False),
        ("[", "[", True),
    ],
)
def test_patterns(patterns: str, path: str, is_ignored: bool) -> None:
    assert IgnoreRules().and_below("", patterns.split("\n")).ignores(path, is_folder=False) is is_ignored


def test_a_pattern_with_a_slash_at_its_end_means_folders() -> None:
    assert IgnoreRules().and_below("", ["tmp/"]).ignores("x/tmp", is_folder=True)


def test_the_rules_of_a_folder_hold_below_it_and_overrule_those_above() -> None:
    rules = IgnoreRules().and_below("", ["*.py"]).and_below("team/", ["!/etl.py"])
    assert rules.ignores("team/other.py", is_folder=False)
    assert not rules.ignores("team/etl.py", is_folder=False)
    assert rules.ignores("team/sub/etl.py", is_folder=False)


@pytest.mark.parametrize(
    ("text", "setting", "path", "is_ignored"),
    [
        ("# syntax: regexp\nold_.*", "", "my_old_etl.py", True),
        ("# syntax: regexp\n^old", "", "my_old_etl.py", False),
        ("# syntax: regexp\ntests?/.*\\.py$  # a comment", "", "a/test/b.py", True),
        ("# syntax: regexp\n(unfinished\n", "", "unfinished.py", False),
        ("old_.*", "regexp", "my_old_etl.py", True),
        ("# syntax: glob\nold_*", "regexp", "my_old_etl.py", False),
        ("old_*", "glob", "old_etl.py", True),
    ],
)
def test_airflow_2s_files_are_regular_expressions(text: str, setting: str, path: str, is_ignored: bool) -> None:
    rules = IgnoreRules().and_below("", lines_of(text, setting))
    assert rules.ignores(path, is_folder=False) is is_ignored


def test_a_regular_expression_sees_the_path_below_the_dags_folder() -> None:
    rules = IgnoreRules().and_below("sub/", lines_of("# syntax: regexp\n^sub/a"))
    assert rules.ignores("sub/a.py", is_folder=False)
