"""What is shown of DAGs while they are being paused."""

from __future__ import annotations

from dataclasses import replace

from tui_flow.records import Dag
from tui_flow.tui.pauses import Pausing

ETL = Dag("etl", "etl.py", False, False, "v", 1, "s", None, None, None)
READ = {"etl": ETL}


def _is_paused(pausing: Pausing, is_read: bool = False) -> bool:
    return pausing.over({"etl": replace(ETL, is_paused=is_read)})["etl"].is_paused


def test_what_is_wanted_is_shown_until_it_has_been_read() -> None:
    pausing = Pausing()
    pausing.begin_read()  # before the key
    pausing.begin(["etl"], True)
    assert _is_paused(pausing)
    pausing.begin_read()  # meanwhile
    pausing.end()
    assert _is_paused(pausing)
    pausing.begin_read()  # afterwards: somebody has let it go on
    assert not _is_paused(pausing)
    assert pausing.over(READ) is READ


def test_a_refusal_is_taken_back() -> None:
    pausing = Pausing()
    pausing.begin_read()
    pausing.begin(["etl", "other"], True)
    pausing.end(refused=["etl"])
    assert not _is_paused(pausing)


def test_the_last_of_two_keys_counts() -> None:
    pausing = Pausing()
    pausing.begin(["etl"], True)
    pausing.begin(["etl"], False)
    pausing.end()
    pausing.begin_read()
    assert not _is_paused(pausing, is_read=True), "the second one is still at work"
    pausing.end()
    pausing.begin_read()
    assert _is_paused(pausing, is_read=True)
