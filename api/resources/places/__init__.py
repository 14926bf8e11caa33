"""Areas, matters and names over HTTP."""
