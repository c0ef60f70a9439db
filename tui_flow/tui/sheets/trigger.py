"""Start a run: a form made from the params' schemas, checked while one types."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input

from tui_flow import times
from tui_flow.actions.conf import check_conf
from tui_flow.errors import TuiflowError
from tui_flow.records import Dag
from tui_flow.spec import DagSpec, Json
from tui_flow.state import RunState
from tui_flow.store.reader import Reader
from tui_flow.tui import palette
from tui_flow.tui.forms import Choices, Entered, Field
from tui_flow.tui.keys import bindings
from tui_flow.tui.param_form import entered_in, param_at, param_widgets, put_back, values_in, values_so_far
from tui_flow.tui.places import Place
from tui_flow.tui.programs import edited
from tui_flow.tui.sheet import Sheet
from tui_flow.tui.text import plain
from tui_flow.tui.views.deeds import Deed, trigger_deed
from tui_flow.tui.views.params import NotAValue, ParamField, conf_of, fields_of, masked
from tui_flow.tui.wrapped import Wrapped


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of the DAG that is to run."""

    dag: Dag
    spec: DagSpec
    last_conf: dict[str, Json] = field(default_factory=dict)
    """Of its newest run that somebody triggered."""
    active: int = 0
    """Runs that are under way."""

    @property
    def must_wait(self) -> bool:
        return self.active >= self.spec.max_active_runs


def load_asked(dag_id: str) -> Callable[[Reader], Asked | None]:
    def load(reader: Reader) -> Asked | None:
        dag = reader.dag(dag_id)
        if dag is None:
            return None
        manual = next((run for run in reader.runs(dag_id, limit=50) if run.conf), None)
        spec = reader.spec(dag_id, dag.spec_version)
        active = len(reader.runs(dag_id, [RunState.RUNNING], limit=spec.max_active_runs))
        return Asked(dag, spec, dict(manual.conf) if manual else {}, active)

    return load


NOT_RIGHT = "something in the form is not right yet"
DEFAULTS, LAST, LEFT = "the DAG's defaults", "those of the last run by hand", "as they were left"


class TriggerSheet(Sheet):
    HINTS = ("open", "run_follow", "next_pane", "mark", "edit", "copy", "back")
    VERB = "run"
    BINDINGS = [*bindings("open", "edit", "copy"), *bindings("run_follow", priority=True)]
    DEFAULT_CSS = """
    TriggerSheet { height: auto; max-height: 85%; layout: vertical; }
    TriggerSheet #trigger-fields { height: auto; max-height: 60vh; }
    """

    def __init__(self, dag_ids: Sequence[str]) -> None:
        super().__init__()
        self._dag_ids = list(dag_ids)
        self._asked: Asked | None = None
        self._fields: list[ParamField] = []
        self._extra: dict[str, Json] = {}
        """Keys of the conf that are no params."""
        self._left = self.desk.drafts.get(self._draft, {})
        self._at_first: Entered = {}
        """What stood in the fields before anything was typed."""

    @property
    def _draft(self) -> str:
        return " ".join(["trigger", *self._dag_ids])

    def compose(self) -> ComposeResult:
        names = ", ".join(self._dag_ids[:3]) + (f" and {len(self._dag_ids) - 3} more" if len(self._dag_ids) > 3 else "")
        yield self.title_line(f"Trigger: {names}")
        with VerticalScroll(id="trigger-fields"):
            yield Field("run_id", "run id", hint="made up", note="letters, digits, _ . ~ : + -")
            if len(self._dag_ids) == 1:
                yield Field("logical_date", "logical date", hint="now", note="2026-05-31T06:00, -3d")
            yield Field("note", "note", hint="none")
        yield Wrapped(id="trigger-about")
        yield Wrapped(id="trigger-said")
        yield Wrapped(id="trigger-command")

    async def on_mount(self) -> None:
        self.trap_focus()
        if len(self._dag_ids) == 1:
            self._asked = await self.desk.feed.read(load_asked(self._dag_ids[0]))
            if self._asked is not None:
                await self._add_params(self._asked)
        self._at_first = self._entered()
        if self._left:
            self._put_back()
        self._check()

    async def _add_params(self, asked: Asked, last: dict[str, Json] | None = None) -> None:
        self._fields = fields_of(asked.spec.params, last)
        self._extra = {name: value for name, value in (last or {}).items() if name not in asked.spec.params}
        box = self.query_one("#trigger-fields", VerticalScroll)
        choices = [DEFAULTS, *([LAST] if asked.last_conf else []), *([LEFT] if self._left else [])]
        if len(choices) > 1 and last is None:
            at = choices.index(LEFT) if self._left else 0
            await box.mount(Choices("Values", choices, (at,), id="trigger-values"), before=0)
        await box.query(".param").remove()
        widgets = [*param_widgets(self._fields, self.desk.look)]
        for widget in widgets:
            widget.add_class("param", update=False)
        await box.mount(*widgets, before="#field-run_id")
        self.take_focus()

    def take_focus(self) -> None:
        first = next(iter([*self.query("Choices, Input")]), None)
        if first is not None:
            first.focus()

    def on_descendant_focus(self) -> None:
        """Before the one of all sheets, which Textual calls too."""
        self._say_about()

    def _say_about(self) -> None:
        """All of what is known of the param at the cursor: beside its field there is little room."""
        focused = self.app.focused
        param = param_at(focused, self._fields) if focused is not None and self in focused.ancestors else None
        line = self.query_one("#trigger-about", Wrapped)
        line.say([(plain(f"{param.title}: {param.note}"), palette.DIM)] if param and param.note else [])
        line.display = bool(param and param.note)

    # -- what is typed

    def _entered(self) -> Entered:
        texts = {name: self._text(name) for name in ("run_id", "logical_date", "note")}
        return {f" {name}": text for name, text in texts.items()} | dict(entered_in(self, self._fields))

    def _put_back(self) -> None:
        put_back(self, self._fields, self._left)
        for line in self.query(Field):
            if f" {line.field_name}" in self._left:
                line.value = str(self._left[f" {line.field_name}"])

    def _check(self) -> dict[str, Json] | None:
        """The conf; None while something is wrong."""
        said, entered = self.query_one("#trigger-said", Wrapped), self._entered()
        if entered != self._at_first:
            self.desk.drafts[self._draft] = entered
        self.workers.cancel_group(self, "dry run")
        try:
            moment, values = self._moment(), values_in(self, self._fields)
            conf = self._extra | conf_of(fields_of(self._asked.spec.params) if self._asked else [], values)
            if self._asked is not None:
                check_conf(self._asked.spec, conf)
        except (NotAValue, TuiflowError) as err:
            said.say([(plain(err), palette.BAD)])
            self.query_one("#trigger-command", Wrapped).say([])
            return None
        self.desk.unsay(NOT_RIGHT)
        said.say([(self._sentence(), palette.DIM)])
        line = self._command(masked(conf, self._fields))
        self.query_one("#trigger-command", Wrapped).say([(f"same as:  {plain(line)}", palette.DIM)])
        self.run_worker(self._dry_run(conf, moment), group="dry run")
        return conf

    def _moment(self) -> str:
        """The logical date; empty: now. Raises BadInput, which is said beside the field."""
        text = self._text("logical_date")
        try:
            moment = times.parse_date(text, times.now(), self.desk.is_utc).isoformat() if text else ""
        except TuiflowError:
            self.query_one("#field-logical_date", Field).complain("not a date")
            raise
        for line in self.query("#field-logical_date").results(Field):
            line.complain("")
        return moment

    async def _dry_run(self, conf: dict[str, Json], moment: str) -> None:
        """Say what stands against it that the form does not know: a run id that is taken, say."""
        try:
            for dag_id in self._dag_ids:
                deed = self._deed(dag_id, conf, moment)
                await self.desk.rehearse(deed.verb, **deed.args)
        except TuiflowError as err:
            self.query_one("#trigger-said", Wrapped).say([(plain(err), palette.BAD)])

    def _sentence(self) -> str:
        if len(self._dag_ids) > 1:
            return f"One run of each of {len(self._dag_ids)} DAGs, with their defaults."
        if (asked := self._asked) is None:
            return "Enter starts a run now."
        dag = asked.dag
        paused = " It is paused: this run goes on all the same." if dag.is_paused else ""
        broken = " Its file is broken now: mend it first." if dag.import_error else ""
        off = "" if self.desk.status.scheduler else " It waits for a scheduler: S starts one."
        waits = f" It waits: {asked.active} runs are active, as many as max_active_runs." if asked.must_wait else ""
        begins = "Enter starts a run now." if self.desk.status.scheduler else "Enter queues a run."
        return f"{begins}{waits}{paused}{broken}{off}"

    def _text(self, name: str) -> str:
        found = self.query(f"#field-{name}")
        return found.first(Field).value.strip() if found else ""

    def _deed(self, dag_id: str, conf: dict[str, Json], date: str) -> Deed:
        return trigger_deed(dag_id, conf, self._text("run_id"), date, self._text("note"))

    def _command(self, conf: dict[str, Json]) -> str:
        return "; ".join(self._deed(dag_id, conf, self._text("logical_date")).command for dag_id in self._dag_ids)

    def on_input_changed(self) -> None:
        self._check()

    async def on_choices_changed(self, message: Choices.Changed) -> None:
        if message.choices.id == "trigger-values" and self._asked is not None:
            chosen = message.choices.options[message.choices.index]
            await self._add_params(self._asked, self._asked.last_conf if chosen == LAST else {})
            self._at_first = self._entered()
            if chosen == LEFT:
                self._put_back()
            message.choices.focus()
        self._check()

    def peel(self) -> bool:
        if self._entered() != self._at_first:
            self.desk.toast("what was entered is kept for the next time")
        return False

    # -- the deed

    def on_input_submitted(self) -> None:
        self.call_later(self.action_open)

    async def action_open(self) -> None:
        if (run_id := await self._run()) is None:
            return
        self.desk.close_sheet()
        what = run_id if len(self._dag_ids) == 1 else f"{len(self._dag_ids)} runs"
        off = "" if self.desk.status.scheduler else "; no scheduler runs: S starts one"
        log = "; l shows its log" if self.desk.place.page == "dags" and not off else ""
        self.desk.toast(f"queued {what}{off}{log}")

    async def action_run_follow(self) -> None:
        """To the run, where its tasks and their last lines come up by themselves; of several DAGs to all that runs."""
        if (run_id := await self._run()) is None:
            return
        if len(self._dag_ids) == 1:
            self.desk.go(Place("run", self._dag_ids[0], run_id))
        else:
            self.desk.go_home("activity")
        if self.desk.status.scheduler is None:
            self.desk.toast("queued; no scheduler runs: S starts one")

    async def _run(self) -> str | None:
        """The id of the last run that was made; None where something was wrong, which is said."""
        conf = self._check()
        if conf is None:
            self._to_what_is_wrong()
            self.desk.toast(NOT_RIGHT)
            return None
        answer: Json = None
        for dag_id in self._dag_ids:
            deed = self._deed(dag_id, conf, self._moment())
            answer = await self.desk.perform(deed.verb, **deed.args)
            if answer is None:
                return None
        self.desk.drafts.pop(self._draft, None)
        return str(answer["run_id"])

    def _to_what_is_wrong(self) -> None:
        wrong = next((line for line in self.query(Field) if line.problem), None)
        if wrong is not None:
            wrong.query_one(Input).focus()

    async def action_edit(self) -> None:
        """The conf as JSON in $EDITOR, also while it is not right yet."""
        if self._asked is None:
            return
        conf = self._extra | conf_of(fields_of(self._asked.spec.params), values_so_far(self, self._fields))
        text = edited(self.desk, json.dumps(conf, indent=2), "conf.json")
        if text is None:
            return
        try:
            changed = json.loads(text)
            if not isinstance(changed, dict):
                raise ValueError("a conf is an object: {...}")
        except ValueError as err:
            self.desk.toast(f"that is no JSON: {err}")
            return
        await self._add_params(self._asked, changed)
        self._check()

    def action_copy(self) -> None:
        from tui_flow.tui import clipboard

        how = clipboard.copy(self._command(self._check() or {}), self.desk.write_to_terminal)
        self.desk.toast(f"copied the command {how}" if how else "the command is too long to copy")
