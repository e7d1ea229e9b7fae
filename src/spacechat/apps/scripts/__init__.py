"""The scripts of an app's page: what they return on a page that is opened for the first time."""

from .run import run_script

__all__ = ["run_script"]
