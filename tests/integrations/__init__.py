"""Packages of other people's, each in an environment of its own; the docs' examples run there."""
