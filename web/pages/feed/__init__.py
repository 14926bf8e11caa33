"""Where the feed of cases is sent to."""
