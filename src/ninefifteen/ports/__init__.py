"""What the engine's effects need from the world. Answers always come back as events."""
