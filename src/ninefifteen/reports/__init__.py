"""What is read from records: documents for scripts, figures for people. Read-only."""
