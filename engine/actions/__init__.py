"""What people do with cases and tasks besides completing them."""
