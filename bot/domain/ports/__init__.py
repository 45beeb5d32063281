"""What the domain needs of the world, one file a neighbour.

Promises alone, no code. Change one here, and every adapter and every fake follows.
"""
