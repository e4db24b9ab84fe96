"""Documents: coded pages of paper go out, piles of photographed and scanned pages come back and are told apart."""
