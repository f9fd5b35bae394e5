#pragma once
#include <flite/flite.h>

cst_voice *register_cmu_us_kal(const char *voxdir);
