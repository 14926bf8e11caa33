"""Tables and the questions asked of them; no rules about who acts next."""
