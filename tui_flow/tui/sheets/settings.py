"""Forms of a pool, a variable, a connection: add one, change one, delete some. A secret that is stored is never read
here: what is not typed stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.widget import Widget
from textual.widgets import Input

from tui_flow.errors import BadInput
from tui_flow.masking import is_sensitive_name
from tui_flow.records import Pool
from tui_flow.tui import palette
from tui_flow.tui.forms import Choices, Field
from tui_flow.tui.sheets.asking import AskingSheet
from tui_flow.tui.text import Piece, Row, plain
from tui_flow.tui.views.deeds import Deed, Preview
from tui_flow.tui.views.settings import (
    MASK,
    ConnectionFacts,
    VariableFacts,
    changes,
    connection_deed,
    connection_said,
    delete_deeds,
    pool_deed,
    pool_said,
    secret_said,
    variable_deed,
)

SECRET = ("stays", "the one below", "none")


class SettingSheet(AskingSheet):
    """Subclasses say the fields, the deed, and how both what is there and what is typed are shown."""

    HINTS: ClassVar[tuple[str, ...]] = ("open", "next_pane", "copy", "back")
    DEFAULT_CSS = "SettingSheet { overflow-y: auto; scrollbar-size: 0 0; max-height: 90%; }"
    VERB = "set"
    KIND = ""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.TITLE = f"{self.KIND.capitalize()} {name}" if name else f"New {self.KIND}"

    @property
    def is_new(self) -> bool:
        return not self._name

    def wanted(self) -> str:
        return "" if self.named() else f"a {self.KIND} needs a name; what it would be is shown here"

    def said(self) -> tuple[Mapping[str, str] | None, Mapping[str, str]]:
        """What is there (None: nothing), and what the form says."""
        raise NotImplementedError

    async def preview(self, answers: Sequence[Any]) -> Preview:
        return changes(*self.said(), self.desk.look)

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        name = plain(self.named())
        if self.is_new:
            return [(f"This will make the {self.KIND} {name}:", palette.BOLD)]
        if not preview.runs:
            return [("nothing would change", palette.WARN)]
        return [(f"This will change the {self.KIND} {name}:", palette.BOLD)]

    def done(self, _preview: Preview, _answers: Sequence[Any]) -> str:
        self.desk.reload()
        return f"{self.KIND} {self.named()} is {'made' if self.is_new else 'changed'}"

    def named(self) -> str:
        return self._name or self.text("name")

    def name_field(self) -> Sequence[Widget]:
        return (Field("name", "name"),) if self.is_new else ()

    def text(self, name: str) -> str:
        return self.query_one(f"#field-{name}", Field).value.strip()

    def number(self, name: str, what: str) -> int | None:
        """None where nothing is typed. Raises BadInput."""
        text = self.text(name)
        try:
            return int(text) if text else None
        except ValueError as err:
            raise BadInput(f"{what}: {text!r} is not a whole number") from err


class PoolSheet(SettingSheet):
    KIND = "pool"

    def __init__(self, pool: Pool | None = None) -> None:
        super().__init__(pool.name if pool else "")
        self._pool = pool

    def fields(self) -> Sequence[Widget]:
        pool = self._pool or Pool("", 1)
        return (
            *self.name_field(),
            Field("slots", "slots", str(pool.slots), note="-1: no limit, 0: closed"),
            Choices("Deferred", ("give slots back", "keep slots"), (int(pool.include_deferred),), id="pool-deferred"),
            Field("description", "description", pool.description),
        )

    def _typed(self) -> Pool:
        slots = self.number("slots", "slots")
        if slots is None:
            raise BadInput("slots: how many tasks of the pool may run at once")
        keeps = self.query_one("#pool-deferred", Choices).index == 1
        return Pool(self.named(), slots, keeps, self.text("description"))

    def deeds(self) -> Sequence[Deed]:
        pool = self._typed()
        return [pool_deed(pool.name, pool.slots, pool.include_deferred, pool.description)]

    def said(self) -> tuple[Mapping[str, str] | None, Mapping[str, str]]:
        return pool_said(self._pool) if self._pool else None, pool_said(self._typed())


class VariableSheet(SettingSheet):
    KIND = "variable"

    def __init__(self, facts: VariableFacts | None = None) -> None:
        super().__init__(facts.key if facts else "")
        self._facts = facts or VariableFacts("")

    def fields(self) -> Sequence[Widget]:
        facts = self._facts
        note = "" if self.is_new or facts.fits_a_line else "empty: stays as it is"
        value = (facts.value or "") if facts.fits_a_line else ""
        return (
            *self.name_field(),
            Field("value", "value", value, note=note, is_secret=is_sensitive_name(facts.key)),
            Field("description", "description", facts.description),
        )

    def on_input_changed(self, event: Input.Changed) -> None:
        """Before the one of all such sheets, which Textual calls too."""
        self.query_one("#field-value Input", Input).password = is_sensitive_name(self.named())

    def _value(self) -> str | None:
        """None: it stays as it is."""
        typed = self.query_one("#field-value", Field).value
        return typed if typed or self.is_new or self._facts.fits_a_line else None

    def deeds(self) -> Sequence[Deed]:
        return [variable_deed(self.named(), self._value(), self.text("description"), self.is_new)]

    def said(self) -> tuple[Mapping[str, str] | None, Mapping[str, str]]:
        facts, value = self._facts, self._value()
        before = {"value": MASK if facts.value is None else facts.value, "description": facts.description}
        if is_sensitive_name(self.named()) or (facts.value is None and not self.is_new):
            shown = secret_said(not self.is_new, value)
        else:
            shown = before["value"] if value is None else value
        return None if self.is_new else before, {"value": shown, "description": self.text("description")}


class ConnectionSheet(SettingSheet):
    KIND = "connection"

    def __init__(self, facts: ConnectionFacts | None = None) -> None:
        super().__init__(facts.conn_id if facts else "")
        self._facts = facts

    def fields(self) -> Sequence[Widget]:
        facts = self._facts or ConnectionFacts("", "")
        port = "" if facts.port is None else str(facts.port)
        return (
            *self.name_field(),
            Field("type", "type", facts.conn_type, hint="postgres, http, ssh, generic ..."),
            Field("host", "host", facts.host),
            Field("port", "port", port),
            Field("login", "login", facts.login),
            *self._secret("password", facts.has_password, is_hidden=True),
            Field("schema", "schema", facts.schema, note="database, or schema"),
            *self._secret("extra", facts.has_extra, is_hidden=False),
            Field("description", "description", facts.description),
        )

    def _secret(self, name: str, has_one: bool, is_hidden: bool) -> Sequence[Widget]:
        note = "JSON" if name == "extra" else ""
        choice = (Choices(name.capitalize(), SECRET, id=f"keeps-{name}"),) if has_one else ()
        return (*choice, Field(name, name, note=note, is_secret=is_hidden))

    def _typed_secret(self, name: str) -> str | None:
        """None: the one that is there stays."""
        typed = self.query_one(f"#field-{name}", Field).value
        choice = self.query(f"#keeps-{name}")
        if not choice:
            return typed
        match choice.first(Choices).index:
            case 0:
                return typed or None
            case 1:
                return typed
            case _:
                return ""

    def _typed(self) -> ConnectionFacts:
        port = self.number("port", "port")
        host, login, schema, description, kind = (
            self.text(name) for name in ("host", "login", "schema", "description", "type")
        )
        has_password, has_extra = (self._has(name) for name in ("password", "extra"))
        return ConnectionFacts(self.named(), kind, description, host, port, login, schema, has_password, has_extra)

    def _has(self, name: str) -> bool:
        typed = self._typed_secret(name)
        return bool(self._facts and getattr(self._facts, f"has_{name}")) if typed is None else bool(typed)

    def deeds(self) -> Sequence[Deed]:
        return [
            connection_deed(self._typed(), self._typed_secret("password"), self._typed_secret("extra"), self.is_new)
        ]

    def said(self) -> tuple[Mapping[str, str] | None, Mapping[str, str]]:
        facts, typed = self._facts, self._typed()
        before = None
        had = {"password": False, "extra": False}
        if facts is not None:
            had = {"password": facts.has_password, "extra": facts.has_extra}
            before = connection_said(facts, secret_said(had["password"]), secret_said(had["extra"]))
        shown = [secret_said(had[name], self._typed_secret(name)) for name in ("password", "extra")]
        return before, connection_said(typed, *shown)


class DeleteSettingSheet(AskingSheet):
    """`kind`: pool, variable or connection."""

    HINTS: ClassVar[tuple[str, ...]] = ("open", "copy", "back")
    VERB = "delete"

    def __init__(self, kind: str, names: Sequence[str]) -> None:
        super().__init__()
        self._kind, self._names = kind, list(names)
        self.TITLE = f"Delete {self._what()}"

    def _what(self) -> str:
        return f"{self._kind} {self._names[0]}" if len(self._names) == 1 else f"{len(self._names)} {self._kind}s"

    def deeds(self) -> Sequence[Deed]:
        return delete_deeds(self._kind, self._names)

    async def preview(self, answers: Sequence[Any]) -> Preview:
        rows = [Row(name, ((f"   {plain(name)}", None),)) for name in self._names]
        return Preview(rows, runs=len(answers))

    def sentence(self, preview: Preview) -> Sequence[Piece]:
        if preview.problem:
            return super().sentence(preview)
        then = {
            "pool": "Tasks that name it wait until it is there again.",
            "variable": "Tasks that ask for it fail.",
            "connection": "Tasks that ask for it fail.",
        }[self._kind]
        return [
            (f"This will delete {plain(self._what())}. ", palette.BAD),
            (f"{then} It cannot be taken back.", palette.DIM),
        ]

    def done(self, _preview: Preview, _answers: Sequence[Any]) -> str:
        self.desk.reload()
        return f"deleted {self._what()}"
