"""Our own exchange and the synthetic days it trades: pure state machines, seeded, no clock."""
