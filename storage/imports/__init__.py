"""Import of lists from other systems: one strict parser, then rules for each kind."""
