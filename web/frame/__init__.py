"""What every page is made of: the site, sessions, forms, words and assets."""
