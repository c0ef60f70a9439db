"""Pages of documentation that are made from the code: written anew, or compared with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def write_or_compare(page: Path, text: str, maker: str, words: Sequence[str]) -> int:
    """The exit code of `python -m maker`: with `--write` the page gets the text, else 1 says that it has another."""
    if "--write" in words:
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, encoding="utf-8")
        return 0
    is_current = page.exists() and page.read_text(encoding="utf-8") == text
    if not is_current:
        print(f"{page.name} is behind the code: run `python -m {maker} --write`")
    return int(not is_current)
