"""The mathematics: numpy arrays in, numpy out; no dates, no files, no Excel."""
