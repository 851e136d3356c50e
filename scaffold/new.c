/* new.c - `mvcgen new` and `mvcgen destroy`. */
#include "scaffold/new.h"

#include <ejs.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/file.h"
#include "scaffold/fields.h"
#include "scaffold/names.h"
#include "scaffold/plan.h"

enum { DONE = 0, FAILED = 1, USAGE = 2 };

typedef struct request {
    char **words; /* what is not an option */
    int count;
    bool force, dry_run, destroy;
} request;

static int usage(const char *format, const char *what)
{
    fprintf(stderr, "mvcgen: ");
    fprintf(stderr, format, what);
    fprintf(stderr, "\nTry 'mvcgen help new' for more information.\n");
    return USAGE;
}

static void set_text(json_object *o, const char *key, const char *text)
{
    json_object_object_add(o, key, json_object_new_string(text));
}

static bool is_good(const char *name)
{
    const char *problem;
    if (name_is_good(name, &problem))
        return true;
    fprintf(stderr, "mvcgen: name '%s': %s\n", name, problem);
    return false;
}

static plan plan_for(const request *r, const char *root)
{
    return (plan){.root = root, .force = r->force, .dry_run = r->dry_run};
}

static int finish(plan *p, bool ok)
{
    const int status = ok && plan_apply(p) ? DONE : FAILED;
    plan_free(p);
    return status;
}

/* new project
 * --------------------------------------------------------------------- */

static bool add_secret(json_object *locals)
{
    unsigned char bytes[24];
    char text[2 * sizeof bytes + 1];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        fprintf(stderr, "mvcgen: the system gave no random bytes\n");
        return false;
    }
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    set_text(locals, "secret", text);
    return true;
}

static int new_project(const request *r)
{
    if (r->count != 1)
        return usage("expected %s", "one name: mvcgen new project NAME");
    const char *root = r->words[0];
    const char *name = base_path_basename(root);
    if (!is_good(name))
        return USAGE;
    if (base_dir_exists(root) && !r->force && !r->dry_run) {
        size_t count;
        char **list = base_dir_list(root, true, &count);
        base_dir_list_free(list);
        if (count) {
            fprintf(stderr,
                    "mvcgen: %s: the folder is not empty (--force writes into "
                    "it)\n",
                    root);
            return FAILED;
        }
    }
    json_object *locals = json_object_new_object();
    char *snake = name_snake(name);
    char *title = snake ? name_human(snake, true) : NULL;
    bool ok = title && add_secret(locals);
    if (ok) {
        set_text(locals, "name", name);
        set_text(locals, "title", title);
        set_text(locals, "version", EJS_VERSION);
    }
    plan p = plan_for(r, root);
    const int status = finish(&p, ok && plan_skeleton(&p, "project", locals));
    if (status == DONE && !r->dry_run)
        printf("\nNow: cd %s && mvcgen build && mvcgen start\n", root);
    free(snake);
    free(title);
    json_object_put(locals);
    return status;
}

/* inside a project
 * -------------------------------------------------------------------- */

static bool in_project(void)
{
    if (base_file_exists("mvcgen.json"))
        return true;
    fprintf(stderr, "mvcgen: there is no mvcgen.json here; expected the folder "
                    "of a project (mvcgen new project NAME makes one)\n");
    return false;
}

static const char *get(json_object *locals, const char *key)
{
    json_object *v;
    return json_object_object_get_ex(locals, key, &v)
               ? json_object_get_string(v)
               : "";
}

static bool skeleton(const request *r, plan *p, const char *kind,
                     json_object *locals)
{
    return r->destroy ? plan_removal(p, kind, locals)
                      : plan_skeleton(p, kind, locals);
}

static bool edit(const request *r, plan *p, const char *path, const char *line,
                 const char *after, const char *before)
{
    return r->destroy ? plan_unedit(p, path, line)
                      : plan_insert(p, path, line, after, before);
}

static bool wire_model(const request *r, plan *p, json_object *locals)
{
    char line[200];
    const char *name = get(locals, "name");
    snprintf(line, sizeof line, "#include \"models/%s.h\"", name);
    if (!edit(r, p, "models/models.c", line, "#include \"", NULL))
        return false;
    snprintf(line, sizeof line, "    &%s_model,", name);
    return edit(r, p, "models/models.c", line, NULL, "    NULL,");
}

static bool wire_controller(const request *r, plan *p, const char *controller)
{
    char line[200];
    snprintf(line, sizeof line, "#include \"controllers/%s.h\"", controller);
    return edit(r, p, "routes/routes.c", line, "#include \"", NULL);
}

static bool wire_resource(const request *r, plan *p, json_object *locals)
{
    char line[300];
    const char *plural = get(locals, "plural");
    if (!wire_controller(r, p, plural))
        return false;
    snprintf(line, sizeof line, "    MVC_RESOURCES(\"/%s\", &%s_resource),",
             get(locals, "path"), plural);
    if (!edit(r, p, "routes/routes.c", line, NULL, "    {0},"))
        return false;
    snprintf(line, sizeof line, "      <a href=\"/%s\">%s</a>",
             get(locals, "path"), get(locals, "Humans"));
    return edit(r, p, "views/partials/header.ejs", line, NULL, "    </nav>");
}

/* A model or scaffold being destroyed need not repeat its fields: what was
 * made from others counts as changed. */
static bool model_locals(const request *r, json_object *locals)
{
    if (!names_add(locals, r->words[0]))
        return false;
    static char field[] = "title:string";
    char *const any[] = {field};
    if (r->destroy && r->count == 1)
        return fields_add(locals, any, 1);
    return fields_add(locals, r->words + 1, r->count - 1);
}

static int new_model(const request *r, bool with_pages)
{
    if (r->count < 1)
        return usage("expected a name and fields: %s",
                     "post title:string body:text");
    if (!is_good(r->words[0]))
        return USAGE;
    if (!in_project())
        return FAILED;
    json_object *locals = json_object_new_object();
    if (!model_locals(r, locals)) {
        json_object_put(locals);
        return USAGE;
    }
    plan p = plan_for(r, ".");
    bool ok = skeleton(r, &p, "model", locals) && wire_model(r, &p, locals);
    if (with_pages)
        ok = ok && skeleton(r, &p, "scaffold", locals) &&
             wire_resource(r, &p, locals);
    const int status = finish(&p, ok);
    json_object_put(locals);
    return status;
}

static bool controller_actions(const request *r, json_object *locals)
{
    json_object *actions = json_object_new_array();
    json_object_object_add(locals, "actions", actions);
    if (r->count == 1)
        json_object_array_add(actions, json_object_new_string("index"));
    for (int i = 1; i < r->count; i++) {
        if (!is_good(r->words[i]))
            return false;
        json_object_array_add(actions, json_object_new_string(r->words[i]));
    }
    return true;
}

static bool wire_action(const request *r, plan *p, json_object *locals,
                        const char *action)
{
    char line[300];
    const char *name = get(locals, "name");
    const bool is_index = strcmp(action, "index") == 0;
    snprintf(line, sizeof line, "    MVC_GET(\"/%s%s%s\", %s_%s),", name,
             is_index ? "" : "/", is_index ? "" : action, name, action);
    set_text(locals, "action", action);
    return skeleton(r, p, "action", locals) &&
           edit(r, p, "routes/routes.c", line, NULL, "    {0},");
}

static int new_controller(const request *r)
{
    if (r->count < 1)
        return usage("expected a name and actions: %s", "pages about contact");
    if (!is_good(r->words[0]))
        return USAGE;
    if (!in_project())
        return FAILED;
    json_object *locals = json_object_new_object();
    if (!names_add(locals, r->words[0]) || !controller_actions(r, locals)) {
        json_object_put(locals);
        return USAGE;
    }
    plan p = plan_for(r, ".");
    bool ok = skeleton(r, &p, "controller", locals) &&
              wire_controller(r, &p, get(locals, "name"));
    json_object *actions;
    json_object_object_get_ex(locals, "actions", &actions);
    for (size_t i = 0; ok && i < json_object_array_length(actions); i++)
        ok = wire_action(
            r, &p, locals,
            json_object_get_string(json_object_array_get_idx(actions, i)));
    const int status = finish(&p, ok);
    json_object_put(locals);
    return status;
}

static int new_middleware(const request *r)
{
    if (r->count != 1)
        return usage("expected %s", "one name: mvcgen new middleware NAME");
    if (!is_good(r->words[0]))
        return USAGE;
    if (!in_project())
        return FAILED;
    json_object *locals = json_object_new_object();
    plan p = plan_for(r, ".");
    const int status = finish(&p, names_add(locals, r->words[0]) &&
                                      skeleton(r, &p, "middleware", locals));
    if (status == DONE && !r->dry_run && !r->destroy)
        printf("\nPut it to use in config/app.c: mvc_use(app, \"/\", %s);\n",
               get(locals, "name"));
    json_object_put(locals);
    return status;
}

/* "admin/users" lies two levels below views/, so layouts are at ../layouts. */
static bool view_locals(json_object *locals, const char *path)
{
    char up[200] = "";
    for (const char *part = path;;) {
        const char *slash = strchr(part, '/');
        char word[80];
        snprintf(word, sizeof word, "%.*s",
                 (int)(slash ? slash - part : (long)strlen(part)), part);
        if (!is_good(word))
            return false;
        if (!slash) {
            if (!names_add(locals, word))
                return false;
            break;
        }
        strncat(up, "../", sizeof up - strlen(up) - 1);
        part = slash + 1;
    }
    set_text(locals, "path", path);
    set_text(locals, "up", up);
    return true;
}

static int new_view(const request *r)
{
    if (r->count != 1)
        return usage("expected %s", "one path: mvcgen new view pages/about");
    if (!in_project())
        return FAILED;
    json_object *locals = json_object_new_object();
    if (!view_locals(locals, r->words[0])) {
        json_object_put(locals);
        return USAGE;
    }
    plan p = plan_for(r, ".");
    const int status = finish(&p, skeleton(r, &p, "view", locals));
    json_object_put(locals);
    return status;
}

/* the command
 * ---------------------------------------------------------------------------
 */

void new_help(FILE *out)
{
    fprintf(
        out,
        "Usage: mvcgen new KIND NAME ... [--dry-run] [--force]\n"
        "       mvcgen new NAME              the same as new project NAME\n"
        "       mvcgen destroy KIND NAME ... undoes it\n"
        "\n"
        "  project NAME               an application in a folder of its own\n"
        "  scaffold NAME FIELD...     a model with its pages, routes and "
        "tests\n"
        "  model NAME FIELD...        a model\n"
        "  controller NAME ACTION...  a controller with a view for each "
        "action\n"
        "  view PATH                  a template\n"
        "  middleware NAME            a middleware\n"
        "\n"
        "  --dry-run  say what would be written, write nothing\n"
        "  --force    overwrite files that are different\n"
        "\n");
    fields_help(out);
}

static bool parse(request *r, int argc, char **argv, const char **unknown)
{
    r->words = calloc((size_t)argc + 1, sizeof *r->words);
    if (!r->words)
        return false;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--force") == 0)
            r->force = true;
        else if (strcmp(argv[i], "--dry-run") == 0)
            r->dry_run = true;
        else if (argv[i][0] == '-') {
            *unknown = argv[i];
            return false;
        } else
            r->words[r->count++] = argv[i];
    }
    return true;
}

static int dispatch(request *r)
{
    static const char *const kinds[] = {"project",    "scaffold", "model",
                                        "controller", "view",     "middleware"};
    if (r->count == 0)
        return usage("expected %s", "what to make: mvcgen new project NAME");
    const char *kind = r->words[0];
    int k = 0;
    while (k < 6 && strcmp(kind, kinds[k]) != 0)
        k++;
    if (k == 6) {
        if (r->count == 1 && !r->destroy)
            return new_project(r);
        return usage("unknown kind '%s', expected project, scaffold, model, "
                     "controller, view or middleware",
                     kind);
    }
    request rest = *r;
    rest.words++;
    rest.count--;
    switch (k) {
    case 0:
        if (r->destroy)
            return usage("a %s is destroyed by removing its folder", kind);
        return new_project(&rest);
    case 1:
        return new_model(&rest, true);
    case 2:
        return new_model(&rest, false);
    case 3:
        return new_controller(&rest);
    case 4:
        return new_view(&rest);
    default:
        return new_middleware(&rest);
    }
}

static int run(int argc, char **argv, bool destroy)
{
    request r = {.destroy = destroy};
    const char *unknown = NULL;
    int status;
    if (parse(&r, argc - 1, argv + 1, &unknown))
        status = dispatch(&r);
    else if (unknown)
        status = usage("unrecognized option '%s'", unknown);
    else
        status = FAILED;
    free(r.words);
    return status;
}

int command_new(int argc, char **argv)
{
    return run(argc, argv, false);
}

int command_destroy(int argc, char **argv)
{
    return run(argc, argv, true);
}
