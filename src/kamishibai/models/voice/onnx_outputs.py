"""Give an ONNX model one more output, without the onnx package: a few bytes appended to the file's."""

from __future__ import annotations

__all__ = ["expose"]

INT64 = 7
"""ONNX TensorProto.DataType."""


def expose(model: bytes, tensor: str) -> bytes:
    """Return an ONNX model that also gives out its inner int64 `tensor`, after its other outputs.

    In protobuf a message field that comes twice is merged, so a second ``graph`` (ModelProto field 7)
    that holds one more ``output`` (GraphProto field 12: name, type) can simply follow the first.
    """

    def number(value: int) -> bytes:
        out = bytearray()
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes([*out, value])

    def message(field: int, payload: bytes) -> bytes:
        return number(field << 3 | 2) + number(len(payload)) + payload

    element_type = number(1 << 3) + number(INT64)
    output = message(1, tensor.encode()) + message(2, message(1, element_type))
    return model + message(7, message(12, output))
