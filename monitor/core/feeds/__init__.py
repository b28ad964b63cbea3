"""What a poll found: what is new, when to come back, how a source is doing, what a date says."""
