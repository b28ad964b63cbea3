"""Files that people bring: rows in their usual shapes."""
