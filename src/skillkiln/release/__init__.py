"""From an accepted candidate to a signed, published release."""
