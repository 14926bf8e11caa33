"""Pages for officers, the public and supervisors; no rules."""
