"""What the domain needs of the world, one file a neighbour; promises alone, no code."""
