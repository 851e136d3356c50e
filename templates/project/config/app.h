/* app.h - the application and what it can be told from outside. */
#ifndef CONFIG_APP_H
#define CONFIG_APP_H

#include <mvc.h>

#include <stdint.h>

typedef struct app_config {
    const char *host;     /* HOST; every address unless given */
    uint16_t port;        /* PORT; 3000 */
    const char *database; /* DATABASE_URL; a file beside the program's data */
    const char *secret;   /* APP_SECRET; signs cookies and sessions */
} app_config;

/* Reads the environment. */
app_config app_config_load(void);

/* The whole application, ready to listen or to be tested; NULL has said why. */
mvc_app *app_new(const app_config *config);

#endif
