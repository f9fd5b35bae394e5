#pragma once
#include <flite/flite.h>

// Each voice is a library of its own, whose one symbol no header declares.
cst_voice *register_cmu_us_kal(const char *voxdir);
cst_voice *register_cmu_us_kal16(const char *voxdir);
cst_voice *register_cmu_us_slt(const char *voxdir);
cst_voice *register_cmu_us_rms(const char *voxdir);
cst_voice *register_cmu_us_awb(const char *voxdir);

// The English lexicon and its letter-to-sound rules, which no header declares either.
cst_lexicon *cmu_lex_init(void);
