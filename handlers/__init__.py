"""One module per diagram, one function per task; no routes, no transactions, no SpiffWorkflow."""
