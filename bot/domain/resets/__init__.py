"""A reset, from the question to a report of it, and requests for one; knows no page or console."""
