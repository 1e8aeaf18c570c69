"""The tables of the kernel itself."""
