"""Pure execution of a diagram: a marking and an action in, a plan out."""
