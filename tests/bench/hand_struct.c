/* hand_struct.c - the pages over plain structs: the limit. */
#include <json-c/json.h>

#include "hand.h"

typedef struct text {
    const char *data;
    size_t size;
} text;
typedef int64_t number;

#define LIST_OF(type)                                                          \
    struct {                                                                   \
        type *items;                                                           \
        size_t count;                                                          \
    }

typedef LIST_OF(text) texts;
typedef LIST_OF(number) numbers;
typedef struct other_data {
    text name;
    number id;
} other_data;
typedef LIST_OF(other_data) others;
typedef struct friend_data {
    number id, age;
    text name, balance, color, gender, company, email, phone, address, about,
        registered;
    texts tags;
    others friends;
} friend_data;
typedef struct friends_data {
    LIST_OF(friend_data) friends;
} friends_data;
typedef struct related_data {
    text url, name;
} related_data;
typedef struct result_data {
    text url, title, snippet;
    bool sponsored;
    double score;
    LIST_OF(related_data) related;
} result_data;
typedef struct search_data {
    text query;
    number total;
    LIST_OF(result_data) results;
} search_data;
typedef struct project_data {
    text url, name, description;
} project_data;
typedef struct projects_data {
    text heading;
    LIST_OF(project_data) projects;
} projects_data;
typedef struct table_data {
    LIST_OF(numbers) table;
} table_data;
typedef struct team_data {
    text name;
    number score;
} team_data;
typedef struct teams_data {
    number year;
    LIST_OF(team_data) teams;
} teams_data;
typedef struct site_data {
    text name, url;
} site_data;
typedef struct admin_data {
    text name;
    bool admin;
} admin_data;
typedef struct author_data {
    text url, name;
} author_data;
typedef struct post_data {
    number id, comments;
    text title, date, body;
    author_data author;
    texts tags;
    bool pinned;
} post_data;
typedef struct archive_data {
    text month;
    number count;
} archive_data;
typedef struct blog_data {
    site_data site;
    admin_data user;
    LIST_OF(post_data) posts;
    LIST_OF(archive_data) archive;
} blog_data;
typedef struct menu_data {
    text href, label;
    bool current;
} menu_data;
typedef struct visitor_data {
    text name, email;
    number visits;
    bool active;
} visitor_data;
typedef struct item_data {
    text url, name, note;
    number price, stock;
} item_data;
typedef struct account_data {
    text title, footer;
    visitor_data user;
    LIST_OF(menu_data) menu;
    LIST_OF(item_data) items;
} account_data;

static inline void put_tenths(page *p, double n)
{
    const int64_t tenths = (int64_t)(n * 10 + 0.5);
    put_int(p, tenths / 10);
    if (tenths % 10) {
        const char tail[2] = {'.', (char)('0' + tenths % 10)};
        put(p, tail, 2);
    }
}

#define OBJECT(type) type
#define MEMBER(o, f) (&(o)->f)
#define LIST(o, f) (&(o)->f)
#define COUNT(list) ((list)->count)
#define TEXT(o, f) put_escaped(p, (o)->f.data, (o)->f.size)
#define INTEGER(o, f) ((o)->f)
#define INT(o, f) put_int(p, (o)->f)
#define TENTHS(o, f) put_tenths(p, (o)->f)
#define BOOLEAN(o, f) ((o)->f)
#define EACH(type, v, list)                                                    \
    const size_t v##_n = (list)->count;                                        \
    __typeof__((list)->items) v = (list)->items;                               \
    for (size_t v##_i = 0; v##_i < v##_n; v##_i++, v++)
#define EACH_TEXT(v, list) EACH(, v, list)
#define EACH_INT(v, list) EACH(, v, list)
#define EACH_LIST(v, list) EACH(, v, list)
#define VALUE_TEXT(v) put_escaped(p, (v)->data, (v)->size)
#define VALUE_INT(v) put_int(p, *(v))

#include "hand_pages.inc"

/* loading, not timed --------------------------------------------------------- */

static struct json_object *at(struct json_object *o, const char *name)
{
    struct json_object *v = NULL;
    json_object_object_get_ex(o, name, &v);
    return v;
}

static text to_text(struct json_object *v)
{
    return (text){json_object_get_string(v),
                  (size_t)json_object_get_string_len(v)};
}

#define L_TEXT(d, o, f) (d)->f = to_text(at(o, #f))
#define L_INT(d, o, f) (d)->f = json_object_get_int64(at(o, #f))
#define L_BOOL(d, o, f) (d)->f = json_object_get_boolean(at(o, #f))
#define L_LIST(d, list_object, f, load)                                        \
    do {                                                                       \
        struct json_object *list_ = list_object;                               \
        (d)->f.count = json_object_array_length(list_);                        \
        (d)->f.items = calloc((d)->f.count + 1, sizeof *(d)->f.items);         \
        for (size_t i_ = 0; i_ < (d)->f.count; i_++)                           \
            load(&(d)->f.items[i_], json_object_array_get_idx(list_, i_));     \
    } while (0)

static void load_text(text *d, struct json_object *o) { *d = to_text(o); }
static void load_number(number *d, struct json_object *o)
{
    *d = json_object_get_int64(o);
}
static void load_other(other_data *d, struct json_object *o)
{
    L_TEXT(d, o, name);
    L_INT(d, o, id);
}
static void load_friend(friend_data *d, struct json_object *o)
{
    L_INT(d, o, id);
    L_INT(d, o, age);
    L_TEXT(d, o, name);
    L_TEXT(d, o, balance);
    L_TEXT(d, o, color);
    L_TEXT(d, o, gender);
    L_TEXT(d, o, company);
    L_TEXT(d, o, email);
    L_TEXT(d, o, phone);
    L_TEXT(d, o, address);
    L_TEXT(d, o, about);
    L_TEXT(d, o, registered);
    L_LIST(d, at(o, "tags"), tags, load_text);
    L_LIST(d, at(o, "friends"), friends, load_other);
}
static void load_related(related_data *d, struct json_object *o)
{
    L_TEXT(d, o, url);
    L_TEXT(d, o, name);
}
static void load_result(result_data *d, struct json_object *o)
{
    L_TEXT(d, o, url);
    L_TEXT(d, o, title);
    L_TEXT(d, o, snippet);
    L_BOOL(d, o, sponsored);
    d->score = json_object_get_double(at(o, "score"));
    L_LIST(d, at(o, "related"), related, load_related);
}
static void load_project(project_data *d, struct json_object *o)
{
    L_TEXT(d, o, url);
    L_TEXT(d, o, name);
    L_TEXT(d, o, description);
}
static void load_row(numbers *d, struct json_object *o)
{
    d->count = json_object_array_length(o);
    d->items = calloc(d->count + 1, sizeof *d->items);
    for (size_t i = 0; i < d->count; i++)
        load_number(&d->items[i], json_object_array_get_idx(o, i));
}
static void load_team(team_data *d, struct json_object *o)
{
    L_TEXT(d, o, name);
    L_INT(d, o, score);
}
static void load_post(post_data *d, struct json_object *o)
{
    L_INT(d, o, id);
    L_INT(d, o, comments);
    L_TEXT(d, o, title);
    L_TEXT(d, o, date);
    L_TEXT(d, o, body);
    L_BOOL(d, o, pinned);
    L_TEXT(&d->author, at(o, "author"), url);
    L_TEXT(&d->author, at(o, "author"), name);
    L_LIST(d, at(o, "tags"), tags, load_text);
}
static void load_archive(archive_data *d, struct json_object *o)
{
    L_TEXT(d, o, month);
    L_INT(d, o, count);
}
static void load_menu(menu_data *d, struct json_object *o)
{
    L_TEXT(d, o, href);
    L_TEXT(d, o, label);
    L_BOOL(d, o, current);
}
static void load_item(item_data *d, struct json_object *o)
{
    L_TEXT(d, o, url);
    L_TEXT(d, o, name);
    L_TEXT(d, o, note);
    L_INT(d, o, price);
    L_INT(d, o, stock);
}

#define PAGE(name, type, ...)                                                  \
    static void *load_##name(struct json_object *o)                            \
    {                                                                          \
        type *d = calloc(1, sizeof *d);                                        \
        __VA_ARGS__                                                            \
        return d;                                                              \
    }                                                                          \
    static void run_##name(page *p, void *data)                                \
    {                                                                          \
        page_##name(p, data);                                                  \
    }

PAGE(friends, friends_data, L_LIST(d, at(o, "friends"), friends, load_friend);)
PAGE(search, search_data, L_TEXT(d, o, query); L_INT(d, o, total);
     L_LIST(d, at(o, "results"), results, load_result);)
PAGE(projects, projects_data, L_TEXT(d, o, heading);
     L_LIST(d, at(o, "projects"), projects, load_project);)
PAGE(table, table_data, L_LIST(d, at(o, "table"), table, load_row);)
PAGE(teams, teams_data, L_INT(d, o, year);
     L_LIST(d, at(o, "teams"), teams, load_team);)
PAGE(blog, blog_data, L_TEXT(&d->site, at(o, "site"), name);
     L_TEXT(&d->site, at(o, "site"), url); L_TEXT(&d->user, at(o, "user"), name);
     L_BOOL(&d->user, at(o, "user"), admin);
     L_LIST(d, at(o, "posts"), posts, load_post);
     L_LIST(d, at(o, "archive"), archive, load_archive);)
PAGE(page, account_data, L_TEXT(d, o, title); L_TEXT(d, o, footer);
     L_TEXT(&d->user, at(o, "user"), name);
     L_TEXT(&d->user, at(o, "user"), email);
     L_INT(&d->user, at(o, "user"), visits);
     L_BOOL(&d->user, at(o, "user"), active);
     L_LIST(d, at(o, "menu"), menu, load_menu);
     L_LIST(d, at(o, "items"), items, load_item);)

const hand_page hand_struct_pages[] = {
    {"friends", NULL, run_friends, load_friends},
    {"search", NULL, run_search, load_search},
    {"projects", NULL, run_projects, load_projects},
    {"table100", NULL, run_table, load_table},
    {"table1000", NULL, run_table, load_table},
    {"teams", NULL, run_teams, load_teams},
    {"blog", NULL, run_blog, load_blog},
    {"page", NULL, run_page, load_page},
    {0},
};
