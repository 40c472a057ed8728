"""Table contracts and object storage shared by the functions of the data plane."""
