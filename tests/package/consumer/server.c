/* server.c - links libmvc. */
#include <mvc.h>
#include <stddef.h>

int main(void)
{
    mvc_app *app = mvc_app_new(&(mvc_config){.views = "views"});
    mvc_app_free(app);
    return app ? 0 : 1;
}
