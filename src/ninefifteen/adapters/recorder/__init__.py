"""The opening as it came over the wire: raw frames spooled during the day, a Parquet file afterwards.

This part is light enough for the engine process: `FrameSpool` writes, `read_spool` reads.
`recorder.table` makes the Parquet file and loads pyarrow, so it belongs into a process of its own.
"""

from .format import SpoolHeader
from .names import finished_name, pending, spool_name
from .reading import Damage, SpoolContents, read_spool
from .spool import FrameSpool

__all__ = [
    "Damage",
    "FrameSpool",
    "SpoolContents",
    "SpoolHeader",
    "finished_name",
    "pending",
    "read_spool",
    "spool_name",
]
