"""Many exports at once: books by dates by parameters, on this machine or on a cluster."""
