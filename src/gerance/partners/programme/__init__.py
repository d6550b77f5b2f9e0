"""What operators set up: partners, their tokens, sources and campaigns; typologies."""
