"""Exceptions that Airflow's own processes raise and nothing here does, for files that import or catch them."""

from __future__ import annotations

from tui_flow.sdk.exceptions import AirflowBadRequest, AirflowException, AirflowNotFoundException, TaskNotFound


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


class DagCodeNotFound(AirflowNotFoundException):
    pass


class DagFileExists(AirflowBadRequest):
    pass


class NoAvailablePoolSlot(AirflowException):
    pass


class TaskConcurrencyLimitReached(AirflowException):
    pass


class InvalidStatsNameException(AirflowException):
    pass


class UnmappableOperator(AirflowException):
    pass


class FailStopDagInvalidTriggerRule(AirflowException):
    pass


class TaskAlreadyInTaskGroup(AirflowException):
    pass


class BackfillUnfinished(AirflowException):
    pass


class PodMutationHookException(AirflowException):
    pass


class PodReconciliationError(AirflowException):
    pass


class AirflowUnsupportedFileTypeException(AirflowException):
    pass


class VariableNotUnique(AirflowException):
    pass


class DagRunTypeNotAllowed(AirflowException):
    pass


class AirflowClearRunningTaskException(AirflowException):
    pass


class TaskAlreadyRunningError(AirflowException):
    pass


class DeserializingResultError(ValueError):
    pass


class UnknownExecutorException(ValueError):
    pass


class NotMapped(Exception):
    pass


class DeserializationError(Exception):
    pass


class AirflowSecretsBackendAccessDenied(PermissionError):
    pass


class NodeNotFound(TaskNotFound, KeyError):
    pass
