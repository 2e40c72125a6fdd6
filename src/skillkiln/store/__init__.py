"""What is kept: one SQLite file through SQLAlchemy, with migrations and a hash-chained ledger."""
