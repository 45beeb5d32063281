"""E-mail: a message in words, as text and as HTML."""
