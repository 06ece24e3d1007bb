"""Users, passwords, the second factor, sessions, and what slows a guesser down."""
