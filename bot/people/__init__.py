"""Where people come from: files in YAML and CSV."""
