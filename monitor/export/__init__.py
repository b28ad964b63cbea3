"""The public JSON, CSV and Atom shapes, under pages and commands alike."""
