"""Layers that let files written for other schedulers run as they are."""
