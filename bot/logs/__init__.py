"""Logging to standard error, with every secret blanked."""
