"""Where 2FA lives, one module a place."""
