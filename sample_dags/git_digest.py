"""
### Git digest

What happened in a git repository in its last days of work: commits per author and per day, the files changed most.

By default it reads the repository that these samples lie in; where that is none (or has no commit yet), it makes a
small one to read. Another: `-p repository=/path/to/it`.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from tui_flow import Param, dag, task, task_group

HERE = Path(__file__).resolve().parent.parent
RESULTS = Path(os.environ.get("TUIFLOW_HOME") or "~/.tuiflow").expanduser() / "results" / "git_digest"
Commit = dict[str, str | list[str]]


def git(repository: str | Path, *arguments: str, **environment: str) -> str:
    """What git prints; its own message stands in the task's log when it fails."""
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, env=os.environ | environment, check=True, stdout=subprocess.PIPE, text=True).stdout


@task
def choose_repository(params=None) -> str:
    if params["repository"]:
        return params["repository"]
    return str(HERE) if has_commits(HERE) else make_repository(Path(params["results"]) / "small-repository")


def has_commits(folder: Path) -> bool:
    """Whether this very folder (not one above it) is a git repository with work in it."""
    command = ["git", "-C", str(folder), "rev-parse", "--verify", "--quiet", "HEAD"]
    return (folder / ".git").exists() and subprocess.run(command, capture_output=True).returncode == 0


def make_repository(folder: Path) -> str:
    """Five commits by two people, always the same."""
    if has_commits(folder):
        return str(folder)
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet")
    for number in range(5):
        name, date = ("Ada", "Grace")[number % 2], f"2025-01-0{number + 1}T10:00:00Z"
        (folder / f"part{number % 3}.txt").write_text(f"version {number}\n")
        git(folder, "add", ".")
        person = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in [("NAME", name), ("EMAIL", f"{name.lower()}@example.org"), ("DATE", date)]
        }
        git(folder, "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", f"Change part {number % 3}", **person)
    return str(folder)


@task
def read_commits(repository: str, params=None) -> list[Commit]:
    """Newest first: author, day, subject and changed files, of the days before and with the newest commit."""
    newest = datetime.fromisoformat(git(repository, "log", "-1", "--format=%cI").strip())
    since = newest - timedelta(days=params["days"])
    text = git(repository, "log", f"--since={since.isoformat()}", "--name-only", "--format=%x1e%an%x1f%as%x1f%s%x1f")
    return [parse_commit(record) for record in text.split("\x1e")[1:]]


def parse_commit(record: str) -> Commit:
    author, day, subject, files = record.split("\x1f")
    return {"author": author, "day": day, "subject": subject, "files": files.split("\n\n")[-1].split("\n")[:-1]}


@task_group
def count(commits: list[Commit]) -> tuple:
    """Three views of the same commits."""
    return by_author(commits), by_day(commits), by_file(commits)


@task
def by_author(commits: list[Commit]) -> list[tuple[str, int]]:
    return Counter(commit["author"] for commit in commits).most_common()


@task
def by_day(commits: list[Commit]) -> list[tuple[str, int]]:
    return sorted(Counter(commit["day"] for commit in commits).items())


@task
def by_file(commits: list[Commit]) -> list[tuple[str, int]]:
    return Counter(file for commit in commits for file in commit["files"]).most_common(10)


@task
def write_digest(repository: str, commits: list, authors: list, days: list, files: list, params=None) -> str:
    lines = [f"# {Path(repository).name}: {len(commits)} commits in {len(days)} days of work", ""]
    for title, counted in [("By author", authors), ("By day", days), ("Files changed most", files)]:
        lines += [f"## {title}", "", *(f"- {name}: {number}" for name, number in counted), ""]
    lines += ["## Subjects", "", *(f"- {commit['day']} {commit['subject']} ({commit['author']})" for commit in commits)]
    digest = Path(params["results"]) / "digest.md"
    digest.parent.mkdir(parents=True, exist_ok=True)
    digest.write_text("\n".join(lines) + "\n")
    print(f"{len(commits)} commits by {len(authors)} people: {digest}")
    return str(digest)


@dag(
    schedule="0 8 * * MON-FRI",
    start_date=datetime(2025, 1, 1),
    tags=["sample", "git"],
    doc_md=__doc__,
    params={
        "repository": Param("", type="string", pattern="^(/.*)?$", description="Empty: that of the samples"),
        "days": Param(7, type="integer", minimum=1, description="Counted back from the newest commit"),
        "results": Param(str(RESULTS), type="string", minLength=1, description="Folder for the digest"),
    },
)
def git_digest():
    repository = choose_repository()
    commits = read_commits(repository)
    authors, days, files = count(commits)
    write_digest(repository, commits, authors, days, files)


git_digest()
