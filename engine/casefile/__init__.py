"""One case as one file: its export, its hash chain and its replay."""
