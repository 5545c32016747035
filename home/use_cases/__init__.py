"""Use-cases of a home: functions that commands and an API can call."""
