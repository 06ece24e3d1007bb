"""Whole trading days in virtual time, with the shipped engine, a faulty broker, and crashes; all by seed."""
