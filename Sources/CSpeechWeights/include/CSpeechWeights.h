#ifndef PARLEY_SPEECH_WEIGHTS_H
#define PARLEY_SPEECH_WEIGHTS_H

#include <stdint.h>

// The trained weights of the speech detector, written by Training/export.py: see SpeechNetworkWeights.swift for the order.

extern const uint32_t parley_speech_version;   // of the order of the values and of the features they are for
extern const uint32_t parley_speech_hidden;    // values of the recurrent state
extern const uint32_t parley_speech_count;     // values at parley_speech_values()
extern const uint64_t parley_speech_checksum;  // FNV-1a, 64 bits, of their bytes, little-endian
const float *_Nonnull parley_speech_values(void);

#endif
