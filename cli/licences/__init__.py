"""Commands that grant, change and verify licences."""
