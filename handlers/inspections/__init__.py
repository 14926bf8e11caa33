"""What departments find at businesses, until it is put right or handed to enforcement."""
