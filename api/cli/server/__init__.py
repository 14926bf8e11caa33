"""What `hangji serve` is made of: its address, its processes, what answers in each."""
