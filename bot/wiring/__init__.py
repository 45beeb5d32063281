"""How the program is built: each service once, from the settings, for all that run it."""
