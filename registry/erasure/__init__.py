"""Erasure of what licences say of their holders when its time has come; holds, and sealing anew."""
