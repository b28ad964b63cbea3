"""How well it judges: examples in rules, back-tests of a change, metrics on labelled text."""
