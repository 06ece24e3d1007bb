"""Values and rules of the market: pure, no I/O, no clock; whole paise and nanoseconds."""
