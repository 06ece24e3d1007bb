"""ninefifteen: trades the opening bell of the Indian options market for one person."""

__version__ = "0.1.0"
