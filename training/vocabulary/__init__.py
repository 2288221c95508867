"""A wider vocabulary from the published backbone's own classifier.

The transferred tagger knows 26 labels. EfficientNet-Lite0's published classifier
knows 1000 ImageNet classes; those that an archive of photographs would use are joined
to terms (``classes.csv``), made to see grey pictures, and calibrated. Nothing of the
network is trained here: the checkpoint is ImageNet-supervised, and its card says so.
"""
