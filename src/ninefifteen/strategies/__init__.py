"""Strategies: one small pure file each. The 9:15 strategy first; copy one to write your own."""
