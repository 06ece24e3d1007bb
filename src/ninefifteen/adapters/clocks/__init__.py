"""Wall clocks of the two kinds of home: the machine's own, and that of a simulated exchange."""
