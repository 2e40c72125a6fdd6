"""Keys, envelopes, statements, policy. Pure: bytes in, bytes out."""
