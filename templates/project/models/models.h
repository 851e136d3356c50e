/* models.h - all models; their tables are made when the program starts. */
#ifndef MODELS_MODELS_H
#define MODELS_MODELS_H

#include <mvc.h>

extern const mvc_model *const models[];

#endif
