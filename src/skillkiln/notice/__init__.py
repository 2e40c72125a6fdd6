"""From sessions to signals to gaps to needs."""
