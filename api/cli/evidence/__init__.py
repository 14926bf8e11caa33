"""Commands about what can be proved: case files, the audit log, the keys that sign them."""
