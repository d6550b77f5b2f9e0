"""When this event, then that command: the only bridge between incidents and rentals.

A follower reads the log (`following`), finds which events may matter (`interest`) and gives each to
the reactions to its type (`register`). A reaction looks at how things are now, and does what is
still to be done: by a command on a ticket (`ticketing`), or a change of a service call.
"""
