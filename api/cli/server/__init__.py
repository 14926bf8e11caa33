"""The parts of `hangji serve`: its address, its processes, the application in each."""
