"""Photos and blobs: received, cleaned and kept by digest."""
