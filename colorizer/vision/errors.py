"""Why machine vision cannot go on: each with a code and a sentence."""

from __future__ import annotations


class VisionError(Exception):
    """Machine vision cannot go on; ``code`` is stable, the text says what to do."""

    code = "vision_error"


class OutOfMemory(VisionError):
    """One picture alone does not fit into the memory of the CPU."""

    code = "out_of_memory"


class DeviceUnavailable(VisionError):
    """A device was asked for that this machine does not have."""

    code = "device_unavailable"


class EngineUnavailable(VisionError):
    """What is to run the network is unknown, not installed, or cannot run this one."""

    code = "engine_unavailable"


class PictureUnsuitable(VisionError):
    """What was given is not an 8-bit grey picture with pixels in it."""

    code = "picture_unsuitable"


class HintsUnsuitable(VisionError):
    """The checkpoint takes no colour hints, or one is outside its picture."""

    code = "hints_unsuitable"
