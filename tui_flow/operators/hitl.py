"""Operators that ask a person: `HITLOperator`, and those that approve, branch and enter by the answer.

No process is alive while they wait. The result is a dict with `chosen_options`, `params_input`, `responded_at` and
`responded_by_user`.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tui_flow.sdk.branch import BranchMixIn, SkipMixin
from tui_flow.sdk.context import Context
from tui_flow.sdk.human_input import HITLRejectException, HITLTimeoutError, HITLTrigger, HITLTriggerEventError
from tui_flow.sdk.operator import BaseOperator
from tui_flow.sdk.operator_hooks import TRIGGER_FAILED, TRIGGER_TIMED_OUT
from tui_flow.sdk.param import ParamsDict


class HITLOperator(BaseOperator):
    """Waits until a person has chosen among `options`; with `defaults` at most for `response_timeout`."""

    template_fields: Collection[str] = ("subject", "body")

    def __init__(
        self,
        *,
        subject: str,
        options: Sequence[str],
        body: str | None = None,
        defaults: str | Sequence[str] | None = None,
        multiple: bool = False,
        params: Mapping[str, Any] | None = None,
        notifiers: Any = None,
        assigned_users: Any = None,
        respondents: Any = None,
        response_timeout: timedelta | float | None = None,
        **kwargs: Any,
    ) -> None:
        """`execution_timeout` is the response_timeout where that is not given. Any user of the account may answer;
        `assigned_users` are shown."""
        super().__init__(**kwargs)
        self.subject, self.body, self.multiple = subject, body, multiple
        self.options = list(options)
        self.defaults = [defaults] if isinstance(defaults, str) else None if defaults is None else list(defaults)
        self.notifiers: list[Callable[[Context], Any]] = _listed(notifiers)
        self.assigned_users = [_user_name(user) for user in _listed(assigned_users or respondents)]
        is_number = isinstance(response_timeout, int | float)
        self.response_timeout = timedelta(seconds=response_timeout) if is_number else response_timeout  # type: ignore[arg-type]
        self.hitl_params = ParamsDict(params)
        self._check_options()

    def _check_options(self) -> None:
        what = f"task {self.task_id!r}"
        if not self.options:
            raise ValueError(f'{what}: "options" cannot be empty')
        if len(set(self.options)) != len(self.options):
            raise ValueError(f'{what}: "options" must not have duplicates')
        if not all(isinstance(option, str) for option in self.options):
            raise ValueError(f'{what}: "options" must be text')
        if self.defaults is None:
            return
        if unknown := sorted(set(self.defaults) - set(self.options)):
            raise ValueError(f"{what}: defaults {unknown} are not among the options {self.options}")
        if not self.multiple and len(self.defaults) > 1:
            raise ValueError(f'{what}: more than one default needs "multiple"')

    def generate_link_to_ui(
        self,
        *,
        task_instance: Any,
        base_url: str | None = None,
        options: str | Sequence[str] | None = None,
        params_input: Mapping[str, Any] | None = None,
    ) -> str:
        """The command that answers, for a message to somebody; there is no page, so that `base_url` is not used.
        Raises ValueError for options and params that the operator does not have."""
        chosen = [options] if isinstance(options, str) else list(options or ())
        if unknown := sorted(set(chosen) - set(self.options)):
            raise ValueError(f"task {self.task_id!r}: options {unknown} are not among {self.options}")
        given = dict(params_input or {})
        if unknown := sorted(set(given) - {name for name, _ in self.hitl_params.params()}):
            raise ValueError(f"task {self.task_id!r}: params {unknown} are not asked for")
        words = ["tuiflow", "answer", task_instance.dag_id, task_instance.task_id, "--run", task_instance.run_id]
        if task_instance.map_index >= 0:
            words += ["--map-index", str(task_instance.map_index)]
        words += [word for option in chosen for word in ("--choose", option)]
        return shlex.join([*words, *(word for name, value in given.items() for word in ("-p", f"{name}={value}"))])

    @staticmethod
    def generate_link_to_ui_from_context(*, context: Context, **wanted: Any) -> str:
        """`generate_link_to_ui` of the task that runs."""
        task = context["task"]
        if not isinstance(task, HITLOperator):
            raise ValueError(f"task {task.task_id!r} asks nobody: only a HITLOperator has a link to an answer")
        return task.generate_link_to_ui(task_instance=context["ti"], **wanted)

    def execute(self, context: Context) -> Any:
        self.log.info("Waiting for a response: %s", self.subject)
        for notifier in self.notifiers:
            notifier(context)
        trigger = HITLTrigger(
            subject=self.subject,
            body=self.body,
            options=self.options,
            defaults=self.defaults,
            multiple=self.multiple,
            params={name: param.to_schema() for name, param in self.hitl_params.params()},
            assigned_users=self.assigned_users,
        )
        self.defer(trigger=trigger, method_name="execute_complete", timeout=self.response_timeout)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        if next_method != TRIGGER_FAILED:
            return super().resume_execution(next_method, next_kwargs, context)
        if (next_kwargs or {}).get("error") != TRIGGER_TIMED_OUT:
            raise HITLTriggerEventError(str((next_kwargs or {}).get("error")))
        if self.defaults is None:
            raise HITLTimeoutError("The timeout has passed, and the response has not yet been received.")
        self.log.info("Nobody answered in time; the defaults %s hold", self.defaults)
        return self.execute_complete(context, self._default_answer())

    def _default_answer(self) -> dict[str, Any]:
        return {
            "chosen_options": self.defaults or [],
            "params_input": {name: p.value for name, p in self.hitl_params.params() if p.has_value},
            "responded_at": datetime.now(UTC).isoformat(),
            "responded_by_user": None,
        }

    def execute_complete(self, context: Context, event: Any) -> Any:
        """`event` is the answer, as JSON text from the command line or as a dict."""
        answer = json.loads(event) if isinstance(event, str) else event
        by = answer["responded_by_user"]
        self.log.info("Response: %s%s", ", ".join(answer["chosen_options"]), f" by {by['name']}" if by else "")
        return {**answer, "responded_at": datetime.fromisoformat(answer["responded_at"])}


class ApprovalOperator(HITLOperator, SkipMixin):
    """Approve or Reject. A rejection skips what is downstream, or fails the task with `fail_on_reject`."""

    APPROVE = "Approve"
    REJECT = "Reject"

    def __init__(
        self, *, ignore_downstream_trigger_rules: bool = False, fail_on_reject: bool = False, **kwargs: Any
    ) -> None:
        for name in ("options", "multiple"):
            if name in kwargs:
                raise ValueError(f"Passing {name} to ApprovalOperator is not allowed.")
        super().__init__(options=[self.APPROVE, self.REJECT], **kwargs)
        self.ignore_downstream_trigger_rules, self.fail_on_reject = ignore_downstream_trigger_rules, fail_on_reject

    def execute_complete(self, context: Context, event: Any) -> Any:
        answer = super().execute_complete(context, event)
        if answer["chosen_options"] == [self.APPROVE]:
            return answer
        if self.fail_on_reject:
            raise HITLRejectException("Rejected, and fail_on_reject is set.")
        below = (
            self.get_flat_relatives(upstream=False) if self.ignore_downstream_trigger_rules else self.downstream_list
        )
        self.skip(context["ti"], below)
        return answer


class HITLBranchOperator(HITLOperator, BranchMixIn):
    """Goes on with the tasks that the chosen options name, or that `options_mapping` gives for them."""

    inherits_from_skipmixin = True

    def __init__(self, *, options_mapping: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options_mapping = dict(options_mapping or {})
        if unknown := sorted(self.options_mapping.keys() - set(self.options)):
            raise ValueError(f"task {self.task_id!r}: options_mapping has keys that are no options: {unknown}")

    def execute_complete(self, context: Context, event: Any) -> Any:
        answer = super().execute_complete(context, event)
        branches = [self.options_mapping.get(option, option) for option in answer["chosen_options"]]
        self.do_branch(context, branches)
        return answer


class HITLEntryOperator(HITLOperator):
    """Asks for params; the one option is OK unless others are given."""

    OK = "OK"

    def __init__(self, **kwargs: Any) -> None:
        if "options" not in kwargs:
            kwargs["options"] = [self.OK]
            kwargs.setdefault("defaults", [self.OK])
        super().__init__(**kwargs)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]


def _user_name(user: Any) -> str:
    return str(user.get("name") or user.get("id")) if isinstance(user, Mapping) else str(user)
