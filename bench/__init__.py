"""Speed and size, as ratios measured in one run; timings live here and in no test."""
