"""Video patrols of kitchens: what units owe, and what they watched."""
