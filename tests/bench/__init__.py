"""`python -m tests.bench`: how fast and how small tuiflow is on this machine. Figures, no tests: nothing here fails."""
