"""Mutation testing: whether the tests notice single changes of a source file."""
