"""The loop around the engine: one inbox, journal first, then perform."""
