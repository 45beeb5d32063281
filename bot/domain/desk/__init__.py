"""What administrators see, and what they do about cases by hand.

A new view or a button beside a case goes here. Its words go into `bot/blocks`.
"""
