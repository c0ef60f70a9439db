"""What pages show, without Textual: from records to rows of styled text. Pure, so tested without a terminal."""
