"""Shadow replay, going live, rolling back, retiring."""
