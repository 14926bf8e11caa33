"""What the data of a case can be at every place of a diagram; nothing here is about its shape."""
