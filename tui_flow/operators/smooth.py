"""`SmoothOperator`: says what to listen to."""

from __future__ import annotations

from tui_flow.sdk.context import Context
from tui_flow.sdk.operator import BaseOperator


class SmoothOperator(BaseOperator):
    """Logs a link to the song of its name."""

    ui_color = "#e8f7e4"
    yt_link = "https://www.youtube.com/watch?v=4TYv2PhG89A"

    def execute(self, context: Context) -> None:
        self.log.info("Enjoy Sade - Smooth Operator: %s", self.yt_link)
