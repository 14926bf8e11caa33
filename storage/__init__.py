"""Tables and their queries; business rules are in `engine` and `handlers`."""
