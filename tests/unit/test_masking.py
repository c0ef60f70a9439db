from __future__ import annotations

import base64
import json
import shlex
import urllib.parse
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_flow import masking
from tui_flow.logs.lines import LineStamper, Source
from tui_flow.masking import SecretsMasker, mask_secret, redact

printable = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"))
secrets = st.lists(st.text(printable, min_size=5, max_size=15), min_size=1, max_size=4)
plain = st.text(printable, max_size=10)


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(masking, "MASKER", SecretsMasker())
    monkeypatch.setattr(masking, "_listeners", [])
    yield


def masker_of(*known: str) -> SecretsMasker:
    masker = SecretsMasker()
    for secret in known:
        masker.add(secret)
    return masker


@given(secrets, plain, plain)
def test_no_registered_secret_is_left_in_any_form(known: list[str], before: str, after: str) -> None:
    masker = masker_of(*known)
    for secret in known:
        for form in (
            secret,
            base64.b64encode(secret.encode()).decode(),
            urllib.parse.quote(secret, safe=""),
            json.dumps(secret),
            shlex.quote(secret),
        ):
            assert secret not in masker.redact(before + form + after).replace("***", "")


@given(st.text(printable, min_size=5, max_size=12).filter(lambda s: s.strip("*")), plain, st.data())
def test_a_secret_split_between_two_writes_never_reaches_the_log(secret: str, around: str, data: st.DataObject) -> None:
    text = (around + secret + around + "\n").encode()
    cut = data.draw(st.integers(0, len(text)))
    stamper = LineStamper(Source.STDOUT, masker=masker_of(secret))
    written = stamper.feed(text[:cut]) + stamper.feed(text[cut:]) + stamper.flush()
    assert secret not in written.decode().split("] ", 1)[-1].replace("***", "")
    assert b"***" in written


def test_each_longer_line_of_a_key_is_masked() -> None:
    masker = masker_of("-----BEGIN KEY-----\nabcdefghijkl\nxyz\n-----END KEY-----")
    assert masker.redact("got abcdefghijkl and xyz") == "got *** and xyz"


def test_short_secrets_are_not_masked() -> None:
    mask_secret("abcd")
    mask_secret("     ")
    assert redact("abcd") == "abcd"
    assert masking.MASKER.longest == 0


def test_the_longer_of_two_overlapping_secrets_wins() -> None:
    assert masker_of("secret", "secret-two").redact("secret-two secret") == "*** ***"


def test_secrets_in_dicts_go_by_their_names() -> None:
    mask_secret({"db_password": "pass-word", "user": "some-user", "nested": {"token": ["tok-en-1"]}})
    assert redact("pass-word some-user tok-en-1") == "*** some-user ***"
    mask_secret("by-name-1", "colour")
    mask_secret("by-name-2", "API-Key")
    assert redact("by-name-1 by-name-2") == "by-name-1 ***"


def test_listeners_are_told_of_new_secrets_only() -> None:
    told: list[int] = []
    masking.on_new_secret(lambda: told.append(masking.MASKER.longest))
    mask_secret("a-secret")
    mask_secret("a-secret")
    mask_secret("xyz")
    assert len(told) == 1


def test_values_are_redacted_through_containers() -> None:
    masker = masker_of("a-secret")
    value = {"password": "anything", "list": ["a-secret", 1], "text": "the a-secret one", "t": ("a-secret",)}
    assert masker.redact_value(value) == {"password": "***", "list": ["***", 1], "text": "the *** one", "t": ("***",)}
