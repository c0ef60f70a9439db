"""Every key of the dashboard, in one table: bindings, footer, help and the docs are made from it.

A key means the same on every page. `[keys]` in `tuiflow.toml` gives another key to an action by its id, such as
`trigger = "T"`; several keys are separated by commas.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _normalize_key_list, key_to_character

from tui_flow.errors import BadInput, did_you_mean


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a key does."""

    id: str
    keys: str
    """Textual's names of keys, separated by commas."""
    text: str
    """What it does, in a word or two: for the footer."""
    help: str = ""
    """A sentence for the help; empty: `text` says it."""
    section: str = "Go"
    shown: str = ""
    """How the footer writes the key; empty: the first of `keys`."""


GO, SEE, DO, LOOK = "Go", "See", "Do", "Look"

_TABLE = (
    Action("down", "j,down", "down", section=GO),
    Action("up", "k,up", "up", section=GO),
    Action("left", "h,left", "left", "left in a grid or diagram, elsewhere back", GO),
    Action("right", "l,right", "right", "right in a grid or diagram", GO),
    Action("page_down", "ctrl+d,pagedown", "page down", section=GO),
    Action("page_up", "ctrl+u,pageup", "page up", section=GO),
    Action("first", "g,home", "first", section=GO),
    Action("last", "G,end", "last", section=GO),
    Action("pan_left", "H", "pan left", "move the picture, not the cursor", GO),
    Action("pan_down", "J", "pan down", section=GO),
    Action("pan_up", "K", "pan up", section=GO),
    Action("pan_right", "shift+right", "pan right", section=GO, shown="shift+→"),
    Action("open", "enter", "open", "go into what the cursor is on", GO),
    Action("back", "escape", "back", "leave a sheet, a filter, marks, then the page; never the dashboard", GO, "esc"),
    Action("leave", "q", "back", "as esc; at the top it leaves the dashboard; runs go on", GO),
    Action("quit", "ctrl+c", "quit", "twice: leave the dashboard from anywhere", GO),
    Action("suspend", "ctrl+z", "suspend", section=GO),
    Action("page_dags", "1", "DAGs", section=GO),
    Action("page_activity", "2", "Activity", section=GO),
    Action("page_upcoming", "3", "Upcoming", section=GO),
    Action("page_system", "4", "System", section=GO),
    Action("next_tab", "right_square_bracket", "next tab", section=GO, shown="]"),
    Action("previous_tab", "left_square_bracket", "previous tab", section=GO, shown="["),
    Action("next_month", "right_square_bracket", "next month", "the calendar's next month", GO, "]"),
    Action("previous_month", "left_square_bracket", "month before", "the calendar's month before", GO, "["),
    Action("next_pane", "tab", "next pane", section=GO),
    Action("later", "greater_than_sign", "later", "the next run, try, day or month", GO, ">"),
    Action("earlier", "less_than_sign", "earlier", "the previous run, try, day or month", GO, "<"),
    Action("command", "colon,ctrl+p", "command", "jump to anything, do anything", GO, ":"),
    Action("choose_below", "down", "below", "the next hit of the command line", GO),
    Action("choose_above", "up", "above", "the hit before", GO),
    Action("complete", "tab", "complete", "take the name of the hit into the command line", GO),
    Action("find", "slash", "filter", "filter a list; find in a grid or diagram", LOOK, "/"),
    Action("find_text", "slash", "find", "find text, or /a regular expression/ in a log", LOOK, "/"),
    Action("next_hit", "n", "next", "the next hit", LOOK),
    Action("previous_hit", "N", "previous", "the previous hit", LOOK),
    Action("only_hits", "ampersand", "only hits", "in a log: show only the lines that match", LOOK, "&"),
    Action("sort", "s", "sort", "sort a list by another column", LOOK),
    Action("save", "s", "save", "save a log as a file here", LOOK),
    Action("next_stream", "right_square_bracket", "next stream", "of a log: all, stdout, stderr, task log", LOOK, "]"),
    Action("previous_stream", "left_square_bracket", "stream before", "the stream of a log before", LOOK, "["),
    Action("focus", "f", "focus", "only failed; in a diagram lineage, then 3, then 1 hops", LOOK),
    Action("view", "comma", "view", "columns, density, time zone, theme", LOOK, ","),
    Action("zone", "T", "time/UTC", "local time or UTC; in a log also no time", LOOK),
    Action("fold", "left_curly_bracket", "fold all", section=LOOK, shown="{"),
    Action("unfold", "right_curly_bracket", "unfold all", section=LOOK, shown="}"),
    Action("more", "plus", "more", "zoom in; in a log show more levels", LOOK, "+"),
    Action("less", "minus", "less", "zoom out; in a log show fewer levels", LOOK, "-"),
    Action("wrap", "w", "wrap", "wrap long lines", LOOK),
    Action("follow", "F", "follow", "follow the end of a log", LOOK),
    Action("next_error", "e", "next error", section=LOOK),
    Action("diagram", "d", "diagram", section=SEE),
    Action("runs", "r", "runs", section=SEE),
    Action("source", "v", "source", "the DAG's file; from a log at the line of a traceback", SEE),
    Action("info", "i", "info", section=SEE),
    Action("compare", "equals_sign", "compare", "two marked runs, or a run with the one before", SEE, "="),
    Action("task", "I", "task", "one task: its tries, rendered templates, XComs", SEE),
    Action("log", "l,L", "log", "the log of the newest failed, else running, else last task; L where l moves", SEE),
    Action("trigger", "t", "trigger", section=DO),
    Action("clear", "c", "clear", "let tasks run again", DO),
    Action("mark_state", "m", "state", "give a state by hand: success, failed, skipped", DO),
    Action("stop", "x", "stop", "end what runs", DO),
    Action("stop_run", "X", "stop run", "end the whole run", DO),
    Action("pause", "p", "pause", "pause a DAG, or let it go on", DO),
    Action("backfill", "b", "backfill", section=DO),
    Action("test", "t", "test", "try whether a connection works", DO),
    Action("answer", "a", "answer", "answer a task that waits for a person", DO),
    Action("note", "ctrl+n", "note", "write a note on a run or task", DO),
    Action("add", "A", "add", "add a pool, variable or connection; record an asset event; set an XCom", DO),
    Action("delete", "D", "delete", "delete what the cursor or the marks are on, after a preview", DO),
    Action("clean_up", "D", "clean up", "delete old runs with their logs, after a preview", DO),
    Action("mark", "space", "mark", "mark a row, or fold a group; actions take the marks", DO),
    Action("mark_range", "V", "mark range", section=DO),
    Action("mark_all", "asterisk", "mark all", "mark all that is shown", DO, "*"),
    Action("copy", "y,ctrl+y", "copy", "copy names, lines, a sheet's command; ctrl+y does it while one types", DO),
    Action("export", "e", "export", "write diagnostics, or what is listed, to a file", DO),
    Action("import_file", "i", "import", "set pools, variables or connections that a file holds", DO),
    Action("edit", "o,ctrl+o", "editor", "in $EDITOR; from a log a traceback's file; ctrl+o while one types", DO),
    Action("pager", "vertical_line", "pager", "open in $PAGER", DO, "|"),
    Action("run_follow", "ctrl+f", "run, follow", "in the trigger form: start the run and go to its tasks", DO),
    Action("undo", "u", "undo", "take the last pause or mark back, for 30 seconds", DO),
    Action("reload", "R", "reload", "read again; on a DAG parse its file again", DO),
    Action("start", "S", "start scheduler", section=DO),
    Action("accept_clock", "C", "clock is right", "say that the clock is right which the scheduler doubts", DO),
    Action("example", "e", "example", "write the example DAGs", DO),
    Action("import_cron", "i", "import crontab", "write a DAG file of your crontab", DO),
    Action("folder", "d", "folder", "use another DAGs folder", DO),
    Action("know_airflow", "a", "Airflow", "what is the same, what differs", SEE),
    Action("help", "question_mark", "help", section=GO, shown="?"),
)
ACTIONS: dict[str, Action] = {action.id: action for action in _TABLE}


def bindings(*ids: str, priority: bool = False) -> list[BindingType]:
    """Textual's bindings of these actions: the widget that lists them has an `action_<id>` for each. `priority`: the
    keys do that even where a field has a use for them."""
    return [
        Binding(action.keys, action.id, action.text, show=False, id=action.id, priority=priority)
        for action in (ACTIONS[action_id] for action_id in ids)
    ]


def shown_key(action: Action, keymap: Mapping[str, str]) -> str:
    """How the key is written for people."""
    if action.id in keymap:
        return _readable(keymap[action.id].split(",")[0])
    return action.shown or _readable(action.keys.split(",")[0])


_READABLE = {ACTIONS[name].keys.split(",")[0]: ACTIONS[name].shown for name in ACTIONS if ACTIONS[name].shown}


def _readable(key: str) -> str:
    return _READABLE.get(key, key)


def check_keymap(keymap: Mapping[str, str]) -> None:
    """Raises BadInput for an action or a key that does not exist, and for two actions with one key."""
    for action_id in keymap:
        if action_id not in ACTIONS:
            raise BadInput(f"[keys] {action_id}: there is no such action{did_you_mean(action_id, ACTIONS)}")
    owners: dict[str, str] = {}
    for action in _TABLE:
        for name in _names(keymap.get(action.id, action.keys)):
            if not _is_key(name):
                raise BadInput(
                    f"[keys] {action.id}: {name!r} is no key; such are t, T, ctrl+t, f5, pagedown, ? and comma"
                )
            other = owners.setdefault(name, action.id)
            if other != action.id and not _may_share(other, action.id):
                raise BadInput(f"[keys]: the key {_readable(name)!r} is given to both {other} and {action.id}")


def _names(keys: str) -> list[str]:
    """As Textual calls them: signs have names, too."""
    return _normalize_key_list(keys).split(",")


_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_BARE_KEYS = frozenset({*(key.value.rpartition("+")[2] for key in Keys), *KEY_NAME_REPLACEMENTS.values()})


def _is_key(name: str) -> bool:
    *modifiers, key = name.split("+")
    return _MODIFIERS.issuperset(modifiers) and (key in _BARE_KEYS or key_to_character(key) is not None)


_SHARED = frozenset(
    frozenset(pair)
    for pair in (
        ("right", "log"),
        ("down", "choose_below"),
        ("up", "choose_above"),
        ("next_pane", "complete"),
        ("example", "next_error"),
        ("export", "next_error"),
        ("test", "trigger"),
        ("next_month", "next_tab"),
        ("previous_month", "previous_tab"),
        ("next_stream", "next_tab"),
        ("previous_stream", "previous_tab"),
        ("next_stream", "next_month"),
        ("previous_stream", "previous_month"),
        ("save", "sort"),
        ("find_text", "find"),
        ("clean_up", "delete"),
        ("import_cron", "info"),
        ("import_file", "info"),
        ("folder", "diagram"),
        ("know_airflow", "answer"),
    )
)
"""Actions of one key that never meet: a page has one of them."""


def _may_share(one: str, other: str) -> bool:
    return frozenset({one, other}) in _SHARED


def by_section(ids: Iterable[str]) -> dict[str, list[Action]]:
    """The actions of a page for its help, section by section."""
    found: dict[str, list[Action]] = {}
    wanted = set(ids)
    for action in _TABLE:
        if action.id in wanted:
            found.setdefault(action.section, []).append(action)
    return found
