"""Where 2FA lives, one module per place."""
