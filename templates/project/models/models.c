/* models.c - all models; their tables are made when the program starts. */
#include "models/models.h"

#include <stddef.h>

const mvc_model *const models[] = {
    NULL,
};
