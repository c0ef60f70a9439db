"""Exceptions that Airflow's own processes raise and nothing here does, for files that import or catch them."""

from __future__ import annotations

from tui_flow.sdk.exceptions import AirflowException, AirflowNotFoundException


class AirflowInternalRuntimeError(BaseException):
    pass


class AirflowDagDuplicatedIdException(AirflowException):
    pass


class AirflowClusterPolicyViolation(AirflowException):
    pass


class AirflowClusterPolicySkipDag(AirflowException):
    pass


class AirflowClusterPolicyError(AirflowException):
    pass


class AirflowTimetableInvalid(AirflowException):
    pass


class AirflowDagInconsistent(AirflowException):
    pass


class AirflowFileParseException(AirflowException):
    pass


class AirflowWebServerTimeout(AirflowException):
    pass


class DagConcurrencyLimitReached(AirflowException):
    pass


class ConnectionNotUnique(AirflowException):
    pass


class PoolNotFound(AirflowNotFoundException):
    pass


class TaskInstanceNotFound(AirflowNotFoundException):
    pass


class SerializationError(AirflowException):
    pass


class RemovedInAirflow4Warning(DeprecationWarning):
    pass
