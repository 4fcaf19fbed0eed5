"""Objects in pictures: boxes from a file, and their crops, which are pictures too.

`usable_boxes` (usable.py) is the door: a file of boxes and a data set in, a data set of crops out,
with the picture that each is in.
"""
