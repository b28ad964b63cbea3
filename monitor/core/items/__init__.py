"""What an item is known by, and what becomes of it when it comes again. Pure: storage loads and writes."""
