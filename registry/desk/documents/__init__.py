"""Official documents at the desk: files handed in, looked at, asked for, sealed by a job."""
