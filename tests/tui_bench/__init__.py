"""Measures the dashboard on a pseudo-terminal over a large database: `python -m tests.tui_bench`."""
