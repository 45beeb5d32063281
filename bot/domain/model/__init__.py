"""Values and pure rules: people, cases, notices, limits, and every refusal.

Nothing here asks the world or stores anything, so anything may import it.
"""
