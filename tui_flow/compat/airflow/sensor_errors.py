"""`airflow.providers.standard.exceptions`: what sensors of other providers raise for their arguments."""

from __future__ import annotations

from tui_flow.sdk.exceptions import AirflowException


class AirflowExternalTaskSensorException(AirflowException):
    """A sensor of something outside cannot go on."""


class DuplicateStateError(AirflowExternalTaskSensorException):
    """A state is given as allowed and as failed."""


class ExternalDagNotFoundError(AirflowExternalTaskSensorException):
    """There is no such DAG."""


class ExternalDagDeletedError(AirflowExternalTaskSensorException):
    """The DAG's file is gone."""


class ExternalDagFailedError(AirflowExternalTaskSensorException):
    """A DAG run ended as failed."""


class ExternalTaskNotFoundError(AirflowExternalTaskSensorException):
    """There is no such task."""


class ExternalTaskFailedError(AirflowExternalTaskSensorException):
    """A task ended as failed."""


class ExternalTaskGroupNotFoundError(AirflowExternalTaskSensorException):
    """There is no such task group."""


class ExternalTaskGroupFailedError(AirflowExternalTaskSensorException):
    """A task of the group ended as failed."""
