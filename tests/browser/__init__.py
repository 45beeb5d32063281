"""The pages in a real browser: what people see, click and type."""
