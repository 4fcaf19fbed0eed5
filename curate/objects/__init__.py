"""Objects in pictures: boxes from a file, their crops as pictures, and their embeddings.

`embedded_objects` (space.py) is the door: a file of boxes and an embedded data set in, one
vector an object out, with the picture that it is in.
"""
