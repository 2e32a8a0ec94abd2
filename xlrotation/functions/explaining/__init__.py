"""Why a number is what it is: the data that went in, and the same computed from these alone."""
