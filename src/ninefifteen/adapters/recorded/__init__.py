"""Real recorded days: option chain snapshots and bhavcopies in Parquet files, as a feed of events."""

from .day import RecordedDay
from .folder import RecordedFolder
from .reading import DayReading, PriceSource, Question

__all__ = ["DayReading", "PriceSource", "Question", "RecordedDay", "RecordedFolder"]
