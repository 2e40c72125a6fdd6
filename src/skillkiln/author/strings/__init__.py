"""Learning string programs from examples: expressions, their search, and their source text."""
