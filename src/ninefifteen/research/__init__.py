"""Research over stored days, with the engine that trades."""
