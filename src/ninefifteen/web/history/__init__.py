"""Reading what this home has kept: days, charts, logs, settings, readiness. Nothing here changes a record."""
