"""A season on a desk: held open, shown, decided on; what page, widget and command line ask."""
