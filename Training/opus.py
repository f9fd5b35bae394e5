"""Opus there and back through the system's libopus (ctypes; constants of opus_defines.h)."""
import ctypes
import ctypes.util

import numpy as np

APPLICATION_VOIP = 2048
SET_BITRATE, SET_COMPLEXITY, GET_LOOKAHEAD = 4002, 4010, 4027
MAX_PACKET_BYTES = 1500

library = ctypes.CDLL(ctypes.util.find_library("opus") or "libopus.so.0")
library.opus_encoder_create.restype = library.opus_decoder_create.restype = ctypes.c_void_p


def transcoded(samples, rate, bits_a_second, lost=None, complexity=4):
    """int16 samples in, as many out, in packets of 20 ms; `lost` (one bool a packet) are concealed by the decoder.

    The look-ahead of the encoder is taken out again, so that what comes out lies where it was.
    """
    frame = rate // 50
    failure = ctypes.c_int()
    encoder = ctypes.c_void_p(library.opus_encoder_create(rate, 1, APPLICATION_VOIP, ctypes.byref(failure)))
    assert failure.value == 0, failure.value
    decoder = ctypes.c_void_p(library.opus_decoder_create(rate, 1, ctypes.byref(failure)))
    assert failure.value == 0, failure.value
    library.opus_encoder_ctl(encoder, SET_BITRATE, ctypes.c_int(int(bits_a_second)))
    library.opus_encoder_ctl(encoder, SET_COMPLEXITY, ctypes.c_int(complexity))
    delay = ctypes.c_int()
    library.opus_encoder_ctl(encoder, GET_LOOKAHEAD, ctypes.byref(delay))
    frames = -(-(len(samples) + delay.value) // frame)
    source = np.zeros(frames * frame, np.int16)
    source[: len(samples)] = samples
    target = np.zeros_like(source)
    packet = ctypes.create_string_buffer(MAX_PACKET_BYTES)
    for k in range(frames):
        at = k * frame * 2
        size = library.opus_encode(encoder, ctypes.c_void_p(source.ctypes.data + at), frame, packet, MAX_PACKET_BYTES)
        assert size > 0, size
        gone = lost is not None and k < len(lost) and lost[k]
        out = ctypes.c_void_p(target.ctypes.data + at)
        got = library.opus_decode(decoder, None if gone else packet, 0 if gone else size, out, frame, 0)
        assert got == frame, got
    library.opus_encoder_destroy(encoder)
    library.opus_decoder_destroy(decoder)
    return target[delay.value : delay.value + len(samples)]
