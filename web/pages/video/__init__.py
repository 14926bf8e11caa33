"""Video patrols: what units owe, what is proposed, the checklist, what was watched."""
