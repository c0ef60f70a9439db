"""The measuring of the dashboard works, and its bytes are within budget; what takes how long is no test's to say."""

from __future__ import annotations

from pathlib import Path

from tests.tui.pty_kit import terminal
from tests.tui_bench import table
from tests.tui_bench.home import FIRST, MAPPED, SMALL, WIDE, Size, built
from tests.tui_bench.interactions import SIZE, alone, dag_list, sheets
from tests.tui_bench.measure import Cost, Figure, settle
from tui_flow.store.reader import Reader

TINY = Size(1_200, 30, 40, 10, 600, 2_000)


def test_the_home_has_what_is_measured(tmp_path: Path) -> None:
    home = built(tmp_path / "home", TINY)
    with Reader(home.database) as reader:
        assert len(reader.dags()) == TINY.dags and len(reader.run_numbers(WIDE)) == TINY.runs
        mapped, first = reader.run(MAPPED), reader.run(FIRST)
        assert mapped is not None and first is not None
        assert len(reader.task_instances(mapped.id, ["each"])) == TINY.mapped
        assert reader.failed_tasks(first.id)
        telling = [ti.map_index for ti in reader.telling_instances(mapped.id, 3) if ti.task_id == "each"]
        assert telling == [0, 1, 499, 599], "the failed one, the first ones, the last to end"
    before = home.database.stat().st_mtime_ns
    assert built(tmp_path / "home", TINY) == home and home.database.stat().st_mtime_ns == before


def test_keys_cost_no_more_bytes_than_they_may(tmp_path: Path) -> None:
    home = built(tmp_path / "home", TINY)
    with terminal(home, SIZE, alone(home)) as shown:
        shown.wait_for("trigger")
        settle(shown)
        figures = [*dag_list(shown), *sheets(shown)]
        assert shown.is_alive
    over = [table.line(figure) for figure in figures if figure.size_bytes > (figure.most_bytes or 10**6)]
    assert over == [] and all(figure.size_bytes for figure in figures), [table.line(figure) for figure in figures]


def test_the_page_says_what_is_over_its_budget() -> None:
    slow, large = Cost(51.0, 3.0, 10), Cost(1.0, 1.0, 2_000)
    figures = [Figure("slow", 100, costs=[slow, slow, large]), Figure("large", 100, costs=[large])]
    page = table.page(figures, SMALL, 0.0)
    assert "| slow | 51 | 3 | 10 | 50 | 100 | over: ms |" in page and "| over: bytes |" in page
    assert Figure("well", 100, costs=[Cost(1.0, 1.0, 1)]).verdict == "within"
    assert Figure("deaf", 100, costs=[Cost(0.0, 1.0, 0)]).verdict == "nothing happened"
