"""`airflow.timetables`, `airflow.datasets` and `airflow.assets`."""

from __future__ import annotations

_ASSETS = "Asset AssetAlias AssetAll AssetAny"

MODULES = {
    "airflow.timetables.base": {"sdk.timetable": "DagRunInfo DataInterval TimeRestriction Timetable"},
    "airflow.timetables.interval": {"timetables": "CronDataIntervalTimetable DeltaDataIntervalTimetable"},
    "airflow.timetables.trigger": {
        "timetables": "CronTriggerTimetable DeltaTriggerTimetable MultipleCronTriggerTimetable"
    },
    "airflow.timetables.simple": {
        "timetables": "NullTimetable OnceTimetable ContinuousTimetable",
        "timetables.assets": "AssetTriggeredTimetable DatasetTriggeredTimetable=AssetTriggeredTimetable",
    },
    "airflow.timetables.assets": {"timetables.assets": "AssetOrTimeSchedule"},
    "airflow.timetables.datasets": {"timetables.assets": "DatasetOrTimeSchedule"},
    "airflow.timetables.events": {"timetables": "EventsTimetable"},
    "airflow.datasets": {
        "sdk.asset": "Dataset DatasetAlias=AssetAlias DatasetAll=AssetAll DatasetAny=AssetAny BaseDataset=BaseAsset",
        "compat.airflow.database": "expand_alias_to_datasets",
    },
    "airflow.datasets.metadata": {"sdk.outlet_events": "Metadata"},
    "airflow.assets": {"sdk.asset": _ASSETS},
}
