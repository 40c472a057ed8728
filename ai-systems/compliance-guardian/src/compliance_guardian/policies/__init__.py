"""What a policy makes of files: copies in which no protected value is readable."""
