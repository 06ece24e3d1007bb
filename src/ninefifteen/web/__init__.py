"""The dashboard's web process: its own program beside the engine, which knows nothing of it.

It reads the engine's control line, hands states to browsers over one WebSocket, keeps users and
sessions, and passes commands on. When it dies, nothing else does. `docs/dashboard.md` describes it.
"""
