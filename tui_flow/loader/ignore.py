"""`.airflowignore` and `.tuiflowignore`: what is not a DAG file, in the pattern language of `.gitignore`.

Airflow 2's language, regular expressions that are looked for anywhere in the path, holds in a file with the line
`# syntax: regexp`, and in `.airflowignore` where Airflow's own setting says so (AIRFLOW__CORE__DAG_IGNORE_FILE_SYNTAX).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

IGNORE_FILES = (".airflowignore", ".tuiflowignore")
SYNTAX_SETTING = "AIRFLOW__CORE__DAG_IGNORE_FILE_SYNTAX"
_SYNTAX_LINE = re.compile(r"^#\s*syntax:\s*(\w+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Rule:
    below: str
    """The folder that the ignore file lies in: "" or with `/` at its end."""
    pattern: re.Pattern[str]
    is_for_folders: bool
    is_exception: bool


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The rules that hold in one folder; a later one overrules an earlier one."""

    rules: tuple[_Rule, ...] = ()

    def and_below(self, folder: str, lines: Iterable[str | re.Pattern[str]]) -> IgnoreRules:
        """With those of an ignore file in `folder`, a relative path that is "" or ends in `/`."""
        found = (_rule(folder, line) if isinstance(line, str) else _Rule("", line, False, False) for line in lines)
        added = tuple(rule for rule in found if rule is not None)
        return IgnoreRules(self.rules + added) if added else self

    def ignores(self, path: str, is_folder: bool) -> bool:
        """Whether the file or folder at this relative path is left out."""
        verdict = False
        for rule in self.rules:
            could_change = rule.is_exception is verdict and (is_folder or not rule.is_for_folders)
            if could_change and rule.pattern.fullmatch(path.removeprefix(rule.below)):
                verdict = not verdict
        return verdict


def rules_in(entries: Iterable[os.DirEntry[str]]) -> list[str | re.Pattern[str]]:
    """The lines of the ignore files among a folder's entries; those that are regular expressions as such."""
    lines: list[str | re.Pattern[str]] = []
    for entry in entries:
        if entry.name in IGNORE_FILES and entry.is_file():
            lines += lines_in(entry.name, Path(entry.path).read_bytes())
    return lines


def lines_in(name: str, content: bytes) -> list[str | re.Pattern[str]]:
    """The lines of the ignore file of that name."""
    setting = os.environ.get(SYNTAX_SETTING, "") if name == ".airflowignore" else ""
    return lines_of(content.decode("utf-8", "replace"), setting)


def lines_of(text: str, setting: str = "") -> list[str | re.Pattern[str]]:
    """The lines of one ignore file; `setting` is its syntax where it does not say."""
    said = _SYNTAX_LINE.search(text)
    if (said[1] if said else setting).lower() != "regexp":
        return [*text.splitlines()]
    found = (_anywhere(re.sub(r"\s*#.*", "", line)) for line in text.splitlines())
    return [pattern for pattern in found if pattern is not None]


def _anywhere(expression: str) -> re.Pattern[str] | None:
    try:
        return re.compile(f"(?s:.*)(?:{expression})(?s:.*)") if expression else None
    except re.error:
        return None


def _rule(below: str, line: str) -> _Rule | None:
    text = line.rstrip()
    if not text or text.startswith("#"):
        return None
    is_exception = text.startswith("!")
    text = text.removeprefix("!").removeprefix("\\")
    is_for_folders = text.endswith("/")
    text = text.rstrip("/")
    anchor = "" if "/" in text else "(?:.*/)?"
    try:
        return _Rule(below, re.compile(anchor + _regex(text.removeprefix("/"))), is_for_folders, is_exception)
    except re.error:
        return None


def _regex(glob: str) -> str:
    """`*` and `?` stop at `/`, `**` does not, `[...]` is a set of characters."""
    out, rest = [], glob
    while rest:
        if found := re.match(r"\*\*/", rest):
            out.append("(?:.*/)?")
        elif found := re.match(r"\*\*", rest):
            out.append(".*")
        elif found := re.match(r"[*?]", rest):
            out.append("[^/]*" if found.group() == "*" else "[^/]")
        elif found := re.match(r"\[!?\]?[^\]]*\]", rest):
            out.append(found.group().replace("\\", "\\\\").replace("[!", "[^"))
        else:
            found = re.match(r"\\?(.)", rest, re.DOTALL)
            assert found is not None
            out.append(re.escape(found.group(1)))
        rest = rest[found.end() :]
    return "".join(out)
