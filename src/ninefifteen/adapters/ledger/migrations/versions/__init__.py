"""The changes of the ledger's tables in their order. A released file is never edited."""
