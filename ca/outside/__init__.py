"""Files that cross to an offline root or another CA, and back."""
