"""The ledger: a database projected from the journals, for reports, the diary and the tax export.

It is never in the order path and can be thrown away: `docs/ledger.md`. Only its own process
(`python -m ninefifteen.adapters.ledger`) and read-only reports import this package; the engine's
process never does.
"""
