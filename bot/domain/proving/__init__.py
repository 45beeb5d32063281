"""The admin's own proof: codes, and how often one may guess at them."""
