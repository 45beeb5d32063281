"""Benchmarks: each prints a ratio between two things timed in one run, and its budget."""
