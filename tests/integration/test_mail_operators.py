"""Mails to a server on the loopback."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.loopback import MailServer, mail_server
from tests.unit.sdk.fakes import FakeBackend, context_for, run_task
from tui_flow import DAG, EmptyOperator
from tui_flow.operators.email import EmailOperator
from tui_flow.operators.smtp_hook import SmtpHook, email_addresses, send_email
from tui_flow.operators.smtp_notifier import SmtpNotifier
from tui_flow.sdk.backend import backend_in_use
from tui_flow.sdk.exceptions import AirflowException, AirflowNotFoundException


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server, backend_in_use(FakeBackend(connections={"smtp_default": server.connection})):
        yield server


def mail(server: MailServer) -> Any:
    return email.message_from_bytes(server.mails[-1].content, policy=email.policy.default)


def test_a_mail_is_rendered_and_sent_to_everybody(server: MailServer, tmp_path: Path) -> None:
    (tmp_path / "body.html").write_text("<p>{{ ds }} äöü</p>")
    (tmp_path / "data.csv").write_text("a,b")
    with DAG("d", template_searchpath=str(tmp_path)):
        operator = EmailOperator(
            task_id="t",
            to="a@x.org, b@x.org",
            cc=["c@x.org"],
            bcc="d@x.org",
            subject="Report {{ ds }}",
            html_content="body.html",
            files=[str(tmp_path / "data.csv")],
            custom_headers={"X-Kind": "report"},
        )
    run_task(operator)
    envelope, message = server.mails[0], mail(server)
    assert envelope.mail_from == "flow@example.com"
    assert envelope.rcpt_tos == ["a@x.org", "b@x.org", "c@x.org", "d@x.org"]
    assert (message["Subject"], message["To"], message["Cc"]) == ("Report 2024-06-15", "a@x.org, b@x.org", "c@x.org")
    assert message["X-Kind"] == "report" and "d@x.org" not in str(message.items())
    body, attachment = message.iter_parts()
    assert body.get_content().strip() == "<p>2024-06-15 äöü</p>" and body.get_content_type() == "text/html"
    assert (attachment.get_filename(), attachment.get_content()) == ("data.csv", "a,b")


def test_the_notifier_says_what_failed(server: MailServer) -> None:
    with DAG("daily"):
        task = EmptyOperator(task_id="load")
    context = context_for(task)
    context["exception"] = ValueError("<bad>")
    SmtpNotifier(to="me@x.org")(context)
    message = mail(server)
    assert message["Subject"].startswith("DAG daily - task load - run manual__")
    assert "try 1 of 1" in message.get_content() and "&lt;bad&gt;" in message.get_content()
    SmtpNotifier(to="{{ dag.dag_id }}@x.org", subject="S {{ ds }}", html_content="H")(context)
    assert (mail(server)["To"], mail(server)["Subject"]) == ("daily@x.org", "S 2024-06-15")


def test_send_email_sends_and_a_dry_run_does_not(server: MailServer) -> None:
    send_email("me@x.org", "subject", "text", mime_subtype="alternative")
    assert mail(server)["Subject"] == "subject" and len(server.mails) == 1
    send_email("me@x.org", "subject", "text", dryrun=True)
    assert len(server.mails) == 1


def test_the_server_that_airflow_was_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "airflow.cfg").write_text("[smtp]\nsmtp_starttls = False\nsmtp_mail_from = file@x.org\n")
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    with mail_server() as server, backend_in_use(FakeBackend()):
        with pytest.raises(AirflowNotFoundException):
            send_email("me@x.org", "subject", "text")
        monkeypatch.setenv("AIRFLOW__SMTP__SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("AIRFLOW__SMTP__SMTP_PORT", str(server.port))
        send_email("me@x.org", "subject", "text")
        with pytest.raises(AirflowNotFoundException, match="other"):
            SmtpHook("other").get_conn()
    assert [sent.mail_from for sent in server.mails] == ["file@x.org"]


def test_what_is_missing_is_said(server: MailServer) -> None:
    nothing = server.connection | {"extra": json.dumps({"disable_ssl": True, "disable_tls": True})}
    with backend_in_use(FakeBackend(connections={"smtp_default": nothing})):
        with pytest.raises(AirflowException, match="give from_email, or put it into the extra"):
            send_email("me@x.org", "subject", "text")
        with SmtpHook() as hook, pytest.raises(AirflowException, match="give subject, or name its file as subject_"):
            hook.send_email_smtp(to="me@x.org")
    with pytest.raises(TypeError, match="mail addresses must be text"):
        email_addresses([1])  # type: ignore[list-item]


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_server_that_is_not_there_is_named() -> None:
    closed = {"conn_type": "smtp", "host": "127.0.0.1", "port": 1, "extra": {"disable_ssl": True}}
    with (
        backend_in_use(FakeBackend(connections={"gone": closed})),
        pytest.raises(AirflowException, match=r"mail server 127\.0\.0\.1:1 of connection 'gone' cannot be reached"),
    ):
        SmtpHook("gone").get_conn()


def test_servers_are_logged_in_to_and_tested() -> None:
    with mail_server(login=("me", "mail-password")) as server:
        right = server.connection | {"login": "me", "password": "mail-password"}
        wrong = right | {"password": "not-that-one"}
        with backend_in_use(FakeBackend(connections={"right": right, "wrong": wrong})):
            assert SmtpHook("right").test_connection() == (True, "127.0.0.1 answered 250 OK")
            send_email("me@x.org", "subject", "text", conn_id="right")
            with pytest.raises(OSError, match="535"):
                SmtpHook("wrong").test_connection()
    assert len(server.mails) == 1


def test_ports_of_clear_text_begin_without_ssl(monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as server:
        plain = {key: server.connection[key] for key in ("conn_type", "host", "port")}
        monkeypatch.setattr("tui_flow.operators.smtp_hook._WITHOUT_SSL", (server.port,))
        backend = FakeBackend(connections={"smtp_default": plain})
        with backend_in_use(backend), pytest.raises(OSError, match="STARTTLS extension not supported"):
            send_email("me@x.org", "subject", "text", from_email="x@x.org")
