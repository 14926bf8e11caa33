"""Records of other platforms as they are known here, and how reading them went."""
