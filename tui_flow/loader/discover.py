"""Which files below the DAGs folder are DAG files, and which of them are refused. Runs no user code."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui_flow.loader.archives import ENDING, Archive, Member, look_into
from tui_flow.loader.ignore import IgnoreRules, rules_in
from tui_flow.loader.permissions import Trust
from tui_flow.logs.safe import safe

MAX_FILE_BYTES = 1024**2
SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True, slots=True)
class DagFile:
    """A file that may define DAGs, and the signs by which a change shows."""

    path: str
    """Relative to the DAGs folder; of one in a zip file, that file is a folder of it."""
    mtime_ns: int
    """With what follows, of the zip file for what lies in one."""
    size_bytes: int
    inode: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that is not parsed, or a folder (`/` at its end) that is not entered; shown as an import error."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The DAGs folder at one moment."""

    files: tuple[DagFile, ...] = ()
    """Sorted by path."""
    refusals: tuple[Refusal, ...] = ()
    problem: str | None = None
    """Why the folder could not be read at all; then nothing is known of its files, rather than that there are none."""


@dataclass(slots=True)
class _Walk:
    """What one walk has found so far."""

    trust: Trust
    files: dict[str, DagFile] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    real_paths: set[str] = field(default_factory=set)
    """Where links may lead: found by themselves, so that a link to them adds nothing."""
    links: list[tuple[str, IgnoreRules]] = field(default_factory=list)
    mentions: dict[str, tuple[DagFile, bool]] = field(default_factory=dict)
    """Whether the text of a file makes it a DAG file, with the signs that it was read at."""
    archives: dict[str, tuple[DagFile, Archive]] = field(default_factory=dict)


class DagsFolder:
    """Lists DAG files; remembers what it read of each file, so that a second look costs one `stat` per file."""

    def __init__(self, root: Path, trust_group: str | None = None) -> None:
        """`trust_group`: a Unix group whose members may write DAG files."""
        self.root = root
        self._real_root = os.path.realpath(root)
        self._trust_group = trust_group
        self._mentions: dict[str, tuple[DagFile, bool]] = {}
        self._archives: dict[str, tuple[DagFile, Archive]] = {}

    def scan(self) -> Listing:
        """Every DAG file, and every file or folder that looks like one but is refused."""
        self._real_root = os.path.realpath(self.root)
        walk = _Walk(Trust(self._trust_group))
        try:
            os.scandir(self.root).close()
        except OSError as err:
            words = os.strerror(err.errno or 0)
            return Listing(problem=f"DAGs folder {self.root}: {words}; create it or set [core] dags_folder")
        unsafe = walk.trust.why_unsafe_above(self.root)
        self._enter(walk, "", IgnoreRules(), unsafe)
        while walk.links:
            self._follow(walk, *walk.links.pop(), unsafe)
        self._mentions, self._archives = walk.mentions, walk.archives
        refusals = tuple(Refusal(path, walk.refusals[path]) for path in sorted(walk.refusals))
        return Listing(tuple(walk.files[path] for path in sorted(walk.files)), refusals)

    def _enter(self, walk: _Walk, folder: str, rules: IgnoreRules, unsafe: str | None) -> None:
        """Take in one folder (relative, "" or with `/` at its end) and those below it."""
        absolute = os.path.join(self.root, folder)
        walk.real_paths.add(os.path.realpath(absolute) if folder else self._real_root)
        try:
            unsafe = unsafe or walk.trust.why_unsafe(absolute, os.stat(absolute))
            with os.scandir(absolute) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as err:
            walk.refusals[safe(folder)] = f"{safe(folder)}: {os.strerror(err.errno or 0)}; chmod u+rx {absolute}"
            return
        if any(entry.name == "pyvenv.cfg" for entry in found):
            return
        rules = rules.and_below(folder, rules_in(found))
        for entry in found:
            self._take(walk, entry, folder, rules, unsafe)

    def _take(self, walk: _Walk, entry: os.DirEntry[str], folder: str, rules: IgnoreRules, unsafe: str | None) -> None:
        path = folder + entry.name
        if entry.name.startswith(".") or entry.name in SKIPPED_FOLDERS:
            return
        is_folder = leads_to_folder(entry)
        is_archive = entry.name.endswith(ENDING) and not is_folder
        if not (is_folder or is_archive or entry.name.endswith(".py")) or rules.ignores(path, is_folder):
            return
        if is_archive and not self._look_into(walk, path).has_something_to_say:
            return
        if why := _why_unspeakable(path):
            shown = safe(path).replace("\n", "\\n")
            walk.refusals[shown] = f"{shown}: {why}"
        elif entry.is_symlink():
            walk.links.append((path, rules))
        elif is_folder:
            self._enter(walk, path + "/", rules, unsafe)
        else:
            self._take_file(walk, path, rules, unsafe)

    def _follow(self, walk: _Walk, path: str, rules: IgnoreRules, unsafe: str | None) -> None:
        """A link counts only where it leads to something below the DAGs folder that is not found without it."""
        real = os.path.realpath(os.path.join(self.root, path))
        if not real.startswith(self._real_root + "/") and real != self._real_root:
            name = path + "/" * os.path.isdir(real)
            walk.refusals[name] = (
                f"{path}: the link leads to {safe(real)}, outside the DAGs folder; copy it or name it in .tuiflowignore"
            )
        elif real not in walk.real_paths and os.path.isdir(real):
            self._enter(walk, path + "/", rules, unsafe)
        elif real not in walk.real_paths:
            self._take_file(walk, path, rules, unsafe)

    def _take_file(self, walk: _Walk, path: str, rules: IgnoreRules, unsafe: str | None) -> None:
        absolute = os.path.join(self.root, path)
        try:
            status = os.stat(absolute)
        except OSError:
            return
        walk.real_paths.add(
            os.path.realpath(absolute) if os.path.islink(absolute) else os.path.join(self._real_root, path)
        )
        if not stat.S_ISREG(status.st_mode):
            return
        file = DagFile(path, status.st_mtime_ns, status.st_size, status.st_ino)
        if path.endswith(ENDING):
            self._take_archive(walk, file, rules, unsafe or walk.trust.why_unsafe(absolute, status))
        elif status.st_size > MAX_FILE_BYTES:
            walk.refusals[path] = _too_large(path, status.st_size)
        elif (mentions := self._mentions_dags(walk, file)) is None:
            walk.refusals[path] = f"{path}: it cannot be read; chmod u+r {absolute}"
        elif mentions and (why := unsafe or walk.trust.why_unsafe(absolute, status)):
            walk.refusals[path] = f"{path}: not parsed, because {why}"
        elif mentions:
            walk.files[path] = file

    def _take_archive(self, walk: _Walk, file: DagFile, rules: IgnoreRules, unsafe: str | None) -> None:
        """The DAG files at the top of a zip file, where Airflow looks for them."""
        archive = self._look_into(walk, file.path)
        if archive.problem is not None:
            walk.refusals[file.path] = f"{file.path}: {archive.problem}; make it again, or name it in .tuiflowignore"
        elif unsafe:
            walk.refusals[file.path] = f"{file.path}: not parsed, because {unsafe}"
        else:
            rules = rules.and_below(f"{file.path}/", archive.ignore_lines)
            for member in archive.members:
                self._take_member(walk, file, member, rules)

    def _take_member(self, walk: _Walk, file: DagFile, member: Member, rules: IgnoreRules) -> None:
        path = f"{file.path}/{member.name}"
        if rules.ignores(path, False):
            return
        if why := _why_unspeakable(path):
            walk.refusals[safe(path)] = f"{safe(path)}: {why}"
        elif member.size_bytes > MAX_FILE_BYTES:
            walk.refusals[path] = _too_large(path, member.size_bytes)
        elif member.is_dag_file:
            walk.files[path] = replace(file, path=path)

    def _look_into(self, walk: _Walk, path: str) -> Archive:
        absolute = os.path.join(self.root, path)
        try:
            status = os.stat(absolute)
        except OSError:
            return Archive()
        signs = DagFile(path, status.st_mtime_ns, status.st_size, status.st_ino)
        seen = walk.archives.get(path) or self._archives.get(path)
        if seen is None or seen[0] != signs:
            seen = signs, look_into(absolute, _speaks_of_dags, MAX_FILE_BYTES)
        walk.archives[path] = seen
        return seen[1]

    def _mentions_dags(self, walk: _Walk, file: DagFile) -> bool | None:
        """Whether the text speaks of Airflow or tui_flow, and of DAGs; None when it cannot be read."""
        seen = self._mentions.get(file.path)
        if seen is None or seen[0] != file:
            try:
                text = Path(self.root, file.path).read_bytes()
            except OSError:
                return None
            seen = file, _speaks_of_dags(text)
        walk.mentions[file.path] = seen
        return seen[1]


def _too_large(path: str, size_bytes: int) -> str:
    return f"{path}: {size_bytes / 1024**2:.1f} MB; a DAG file may have 1 MB, so keep data in other files"


def _speaks_of_dags(source: bytes) -> bool:
    text = source.lower()
    return (b"airflow" in text or b"tui_flow" in text) and (b"dag" in text or b"asset" in text)


def leads_to_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder or a link to one; a link to itself is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _why_unspeakable(path: str) -> str | None:
    try:
        path.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8; rename it"
    return "its name has characters that cannot be shown; rename it" if safe(path) != path or "\n" in path else None
