"""Shared parts of all commands: options, output, reading and handing over files."""
