"""The admin's own proof: codes, and how often one may guess at them.

Another way to prove oneself goes here. It counts a wrong answer before it refuses.
"""
