"""What crosses to an offline root or another CA."""
