"""The version, in the one place that the build, the user agent and the command line read."""

__version__ = "0.2.0"
