#!/bin/sh
# What the program says and returns when it is used wrongly, and rightly.
#
#   commands.sh MVCGEN
set -u
mvcgen=$1
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

# expect STATUS PATTERN COMMAND...: the exit status, and a line on stderr or
# stdout that matches.
expect() {
    status=$1 pattern=$2
    shift 2
    "$@" >out 2>err </dev/null
    got=$?
    if [ "$got" != "$status" ]; then
        echo "FAILED: $* gave $got, expected $status"
        cat err
        failures=$((failures + 1))
    elif [ -n "$pattern" ] && ! cat out err | grep -qE -- "$pattern"; then
        echo "FAILED: $* did not say '$pattern':"
        cat out err
        failures=$((failures + 1))
    fi
}

# the command itself
expect 0 'mvcgen 0\.' "$mvcgen" version
expect 0 'new +make a project' "$mvcgen" help
expect 0 'scaffold NAME' "$mvcgen" help new
expect 2 "nonsense" "$mvcgen" nonsense
expect 2 'Usage|usage' "$mvcgen"

# new
expect 2 "unrecognized option '--nope'" "$mvcgen" new project x --nope
expect 2 "letter first" "$mvcgen" new project 1x
expect 2 "meaning of its own" "$mvcgen" new project while
expect 1 'no mvcgen.json here' "$mvcgen" new scaffold post title:string
expect 0 'create +blog/main.c' "$mvcgen" new project blog --dry-run
[ ! -e blog ] || { echo "FAILED: --dry-run wrote"; failures=$((failures + 1)); }
expect 0 'create +blog/main.c' "$mvcgen" new blog
expect 1 'not empty' "$mvcgen" new project blog
cd blog || exit 1
expect 2 "unknown type 'strong'" "$mvcgen" new scaffold post title:strong
expect 2 "field 'a b'" "$mvcgen" new scaffold post 'a b'
expect 2 'stands twice' "$mvcgen" new scaffold post a:string a:text
expect 2 "framework's own" "$mvcgen" new scaffold post id:string
expect 2 'at least one field' "$mvcgen" new scaffold post
expect 0 'create +models/post.c' "$mvcgen" new model post title:string
echo '/* mine */' >>models/post.c
expect 1 'exists and is different' "$mvcgen" new model post title:string
expect 0 'changed since' "$mvcgen" destroy model post title:string
[ -e models/post.c ] || { echo "FAILED: destroy removed a changed file"; failures=$((failures + 1)); }
expect 0 'create +controllers/pages.c' "$mvcgen" new controller pages about contact
expect 0 'create +views/admin/users.ejs' "$mvcgen" new view admin/users
expect 0 'create +middlewares/audit.c' "$mvcgen" new middleware audit
cd ..
if [ "$(id -u)" != 0 ]; then
    mkdir readonly && chmod a-w readonly
    expect 1 'readonly.*[Pp]ermission denied' "$mvcgen" new project readonly/app
fi
expect 1 'Not a directory|File exists|not a directory' "$mvcgen" new project out/app

# render
echo 'hi <%= name %>' >n.ejs
printf 'one\n<%% if (x { %%>\n' >broken.ejs
echo '<%- include("nope") %>' >missing.ejs
expect 0 '^hi Ann$' "$mvcgen" render n.ejs name=Ann
expect 1 'broken.ejs' "$mvcgen" render broken.ejs x=1
expect 1 'Could not find the include file "nope"' "$mvcgen" render missing.ejs x=1
expect 1 'name is not defined' "$mvcgen" render n.ejs other=1
echo '{"a":' >bad.json
expect 1 'could not parse data as JSON' "$mvcgen" render n.ejs -f bad.json
expect 1 'no such file or directory' "$mvcgen" render n.ejs -f none.json
expect 1 'no such file or directory' "$mvcgen" render none.ejs a=1
expect 2 "unrecognized option '--nope'" "$mvcgen" render --nope n.ejs
expect 2 'please provide a template path' "$mvcgen" render
expect 1 'broken.ejs:2:[0-9]+: error: ' "$mvcgen" check broken.ejs
expect 0 '' "$mvcgen" check n.ejs
expect 2 'name a folder or templates' "$mvcgen" check
expect 1 "could not|no such file" "$mvcgen" check none.ejs
expect 1 "did you mean 'nmae'" "$mvcgen" render n.ejs nmae=1
echo '<%= process.env.HOME %>' >host.ejs
expect 1 'host.ejs:1:5: error: process is not defined; templates do not see the environment: pass' "$mvcgen" render host.ejs x=1
echo '<% layout("main") %>' >host.ejs
expect 1 'layout is not defined; it is there with the option `layouts`' "$mvcgen" render --native host.ejs x=1
expect 1 "n.ejs:1:8: error: name is not defined" "$mvcgen" render n.ejs x=1

# check: everything in a folder, as JSON, and what can be mended
mkdir -p views/sub
echo '<%= 10n %>' >views/a.ejs
echo '<% include sub/part %> <%- include  sub/part -%>' >views/b.ejs
echo 'part' >views/sub/part.ejs
echo '<% if ( { %>' >views/sub/ignored.txt
expect 1 '^views/a.ejs:1:7: error: BigInt literals are not supported; write' "$mvcgen" check views
grep -q "^views/b.ejs:1:12: error: .*; .*include('file')" out || { echo "FAILED: b.ejs was not checked"; failures=$((failures + 1)); }
[ "$(wc -l <out)" = 3 ] || { echo "FAILED: check printed"; cat out; failures=$((failures + 1)); }
expect 1 '"line":1' "$mvcgen" check --json views
grep -q '"hint":"write the number' out || { echo "FAILED: no hint in"; cat out; failures=$((failures + 1)); }
expect 0 '^\[' "$mvcgen" check --json views/sub
expect 0 '' "$mvcgen" check --legacy-include views/b.ejs
expect 1 'views/b.ejs: 2 includes rewritten' "$mvcgen" check --fix views
expect 0 "^<%- include\('sub/part'\) %> <%- include\('sub/part'\) -%>$" cat views/b.ejs
expect 0 '^part' "$mvcgen" render views/b.ejs x=1
expect 0 '' "$mvcgen" check --fix views/b.ejs
printf '<$ include a $> <%% include a %%>' >views/c.ejs
expect 0 'c.ejs: 1 include rewritten' "$mvcgen" check --fix -m '$' views/c.ejs
expect 0 "^<[$]- include\('a'\) [$]> <% include a %>" cat views/c.ejs

echo '<%- include("nope") %>' >views/c.ejs
expect 0 '^views/c.ejs:1:13: warning: include' "$mvcgen" check views/c.ejs
expect 0 '"severity":"warning"' "$mvcgen" check --json views/c.ejs
expect 0 '' "$mvcgen" check --max-warnings 1 views/c.ejs
expect 1 'warning' "$mvcgen" check --max-warnings 0 views/c.ejs
echo '<%- include("part") %><%- include("/part") %>' >views/c.ejs
expect 1 ':1:13: warning: .*part' "$mvcgen" check --max-warnings 0 views/c.ejs
expect 0 '' "$mvcgen" check --views views/sub --root views/sub --max-warnings 0 views/c.ejs

# dump
expect 0 'NAME name' "$mvcgen" dump n.ejs
expect 0 'NAME name' "$mvcgen" dump --ast n.ejs
expect 0 'PUT_NAME' "$mvcgen" dump --code n.ejs
expect 0 'const ejs_unit view' "$mvcgen" dump --c n.ejs
expect 1 'broken.ejs:2:[0-9]+: error' "$mvcgen" dump broken.ejs
expect 2 'name one template' "$mvcgen" dump

# compile
expect 0 '' "$mvcgen" compile n.ejs -o n.c
expect 0 'ejs_unit' cat n.c
expect 1 'broken.ejs:2' "$mvcgen" compile broken.ejs -o b.c
[ ! -e b.c ] || { echo "FAILED: compile left a file behind"; failures=$((failures + 1)); }
mkdir -p parts/sub
echo 'one <%= a %>' >parts/one.ejs
echo 'two' >parts/sub/two-2.ejs
expect 0 '' "$mvcgen" compile parts -o parts.c --split split
expect 0 'const ejs_unit views_sub_2ftwo_2d2 =' cat split/sub/two-2.ejs.c
expect 0 '&views_one,' cat parts.c
touch -d '2001-01-01' split/one.ejs.c split/sub/two-2.ejs.c parts.c
echo 'two again' >parts/sub/two-2.ejs
expect 0 '' "$mvcgen" compile parts -o parts.c --split split
expect 0 '^split/one.ejs.c$' find split -name '*.c' ! -newermt 2002-01-01
expect 0 'two again' cat split/sub/two-2.ejs.c

[ $failures = 0 ] && echo "all as expected"
exit $failures
