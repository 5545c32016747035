"""Worker processes that the kernel confines, one channel for each file."""
