"""A crontab becomes a DAG file that does the same."""

from __future__ import annotations

import subprocess

import pytest

from tui_flow.crontab import Crontab, dag_source, parse_crontab


def test_entries_have_their_schedule_name_comment_and_environment() -> None:
    crontab = parse_crontab("# fetch it\n*/5  * * * 1-5\t/home/a/feeds.sh -q\nPATH = '/bin'\n@daily cd /x && ./b.py\n")

    first, second = crontab.entries
    assert (first.dag_id, first.schedule, first.command) == ("cron_feeds", "*/5 * * * 1-5", "/home/a/feeds.sh -q")
    assert (first.comment, first.env) == ("fetch it", ())
    assert (second.dag_id, second.schedule, second.env) == ("cron_b", "@daily", (("PATH", "/bin"),))


def test_names_are_told_apart() -> None:
    crontab = parse_crontab("0 1 * * * a.sh\n0 2 * * * a.sh\n0 3 * * * >/dev/null\n")

    assert [entry.dag_id for entry in crontab.entries] == ["cron_a", "cron_a_2", "cron_null"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("61 * * * * x", "61"),
        ("* * * x", "five fields"),
        ("* * * * * echo {% endraw %}", "endraw"),
    ],
)
def test_what_no_dag_can_say_is_told(line: str, reason: str) -> None:
    crontab = parse_crontab(f"\n{line}\n")

    assert not crontab.entries
    assert [problem.line for problem in crontab.problems] == [2]
    assert reason in crontab.problems[0].reason
    assert f"#   {line}" in dag_source(crontab, "a test")


def test_what_cron_does_after_boot_a_dag_does_too() -> None:
    crontab = parse_crontab("@reboot /home/a/late.sh\n")

    assert [(entry.schedule, entry.command) for entry in crontab.entries] == [("@after_boot", "/home/a/late.sh")]
    assert "schedule='@after_boot'" in dag_source(crontab, "a test")


def test_percent_signs_mean_input_as_in_cron() -> None:
    entry = parse_crontab("* * * * * cat; echo end%one%two 50\\%\n").entries[0]

    done = subprocess.run(["bash", "-c", entry.command], capture_output=True, text=True, check=True)

    assert done.stdout == "one\ntwo 50%\nend\n"


def _commands(crontab: Crontab) -> list[str]:
    found: list[str] = []
    source = dag_source(crontab, 'a """ test \\')
    names = {"BashOperator": lambda **given: found.append(given["bash_command"]), "DAG": _Block}
    lines = [line for line in source.splitlines() if not line.startswith("from tui_flow")]
    exec("\n".join(lines), names)
    return found


class _Block:
    def __init__(self, *_args: object, **_given: object) -> None: ...
    def __enter__(self) -> None: ...
    def __exit__(self, *_args: object) -> None: ...


def test_braces_quotes_and_script_names_are_not_templates() -> None:
    text = '* * * * * echo \'{{ x }}\' """\n* * * * * /a.sh\n* * * * * echo \\n # {x}\n'

    wrapped, script, bare = _commands(parse_crontab(text))

    assert wrapped == '{% raw %}echo \'{{ x }}\' """{% endraw %}'
    assert script == "{% raw %}/a.sh{% endraw %}"
    assert bare == "echo \\n # {x}"


def test_a_zone_becomes_the_start_dates() -> None:
    source = dag_source(parse_crontab("CRON_TZ=Europe/Berlin\n0 5 * * * x\n"), "a test")

    assert "tzinfo=ZoneInfo('Europe/Berlin')" in source
    assert "CRON_TZ" not in source
