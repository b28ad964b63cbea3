"""The steps that bring a database from one version of Hypewatch to the next."""

#: The newest migration. Kept here so that a start loads neither Alembic (0.2 s) nor SQLAlchemy to learn that nothing is to be
#: done; a test compares it with the folder.
HEAD = "0023"
