"""Foreign PDFs taken in to be sealed: judged, cleaned and written anew, in a confined process."""
