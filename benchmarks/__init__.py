"""Benchmarks: each prints a ratio between two things timed in one run, and its budget.

`sizing` alone has no budget: it says what one `rekey serve` takes.
"""
