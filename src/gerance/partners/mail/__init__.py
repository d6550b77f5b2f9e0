"""Offers and terminations that partners ask for by mail: read and proposed, done by operators."""
