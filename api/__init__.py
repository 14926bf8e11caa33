"""HTTP interface, command line and composition root; no rules about who acts next."""
