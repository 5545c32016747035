"""How `signing.validation` looks into a PDF: reading, finding signatures, judging each."""
