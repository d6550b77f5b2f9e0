"""How integrators get in, and what each of them may see."""
