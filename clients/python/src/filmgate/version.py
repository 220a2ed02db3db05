"""The version of this package; the build reads it from here, and the server finds it in User-Agent."""

__version__ = "0.1.0"
