"""The settings: read, verified, and told by name where they are at fault."""
