"""The same strategy in other programs, each run by the Python of its own environment `.bench-venvs/NAME`."""
