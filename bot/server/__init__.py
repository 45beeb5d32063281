"""Serving: the program put together, HTTP, health, metrics, and the one scheduled sweep."""
