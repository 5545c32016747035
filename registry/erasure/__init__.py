"""What licences say of their holders: sealed anew, held, and erased when its time has come."""
