"""Building, checking and trying the functions' images."""
