"""Zerodha: Kite Connect v3 over our own asynchronous client.

Wire facts, limits and traps: the comments name the page of Kite's documentation or the forum thread
they rest on. Nothing here has met a real account yet; it is tested against servers of our own.
"""
