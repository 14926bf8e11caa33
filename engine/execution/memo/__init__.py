"""Speed layer: an execution answered from memoized steps; results never differ."""
