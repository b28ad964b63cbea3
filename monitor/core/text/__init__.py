"""Reading a text: words, sentences and clauses with their places, numbers as written, its language."""
