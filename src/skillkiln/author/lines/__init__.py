"""Learning to read the fields of a line: shapes, patterns, the parser and its source text."""
