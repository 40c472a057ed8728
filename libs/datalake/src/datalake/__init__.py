"""What the functions of the data plane share: contracts, keys, reports and storage."""
