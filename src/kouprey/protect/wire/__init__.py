"""Outside shapes of protect: the files devices read, the manifest, the public lists, and what programs say of files."""
