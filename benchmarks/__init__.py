"""Our speed and memory, and the peers' where they are installed: `python -m benchmarks` (`make bench`).

What is measured and the bars are `docs/performance.md`. Nothing here is a test: a timing never
decides whether the suite passes. The market is generated, seeded and marked synthetic.
"""
