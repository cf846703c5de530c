//! Framing of the message connection between Hat components.
