"""Asking an outlet to correct what goes beyond the study: the letter, its states, and the reply to a post. Pure."""
