"""A reset, from the question to a report of it, and people's own requests for one.

It knows no page and no console. An effect on somebody's sign-in goes into `effects`.
"""
