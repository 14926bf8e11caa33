"""Response shapes that several resources share."""
