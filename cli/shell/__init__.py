"""What all commands share: options, output, reading and handing over files."""
