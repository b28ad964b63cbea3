"""Article pages and the posts quoted in them."""
