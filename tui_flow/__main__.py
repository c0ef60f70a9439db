"""`python -m tui_flow`: the same as the `tuiflow` command."""

from __future__ import annotations

from tui_flow.cli.main import main

if __name__ == "__main__":
    main()
