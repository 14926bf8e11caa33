"""What `hangji demo` adds to the sample so that every role finds work: invented, and said so."""
