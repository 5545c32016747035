"""The `xinyin` command: wires the parts together and starts the services."""
