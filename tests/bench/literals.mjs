// The eight pages as template literals written by hand: what a JavaScript
// programmer can do without an engine.
const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
const e = (v) => (v === undefined || v === null ? '' : String(v).replace(/[&<>'"]/g, (c) => escapes[c]));
const each = (list, f) => { let s = ''; for (let i = 0; i < list.length; i++) s += f(list[i], i); return s; };
const table = ({ table: rows }) => `<table>\n${each(rows, (row) => `<tr>${each(row, (c) => `<td>${e(c)}</td>`)}</tr>\n`)}</table>\n`;

export const literals = {
  table100: table,
  table1000: table,
  friends: ({ friends }) => `<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>Friends</title></head><body>
<div class="friends">
${each(friends, (f) => `
  <div class="friend">
    <ul>
      <li>ID: ${e(f.id)}</li>
      <li>Name: ${e(f.name)}</li>
      <li>Balance: ${e(f.balance)}</li>
      <li>Age: ${e(f.age)}</li>
      <li>Colour: ${e(f.color)}</li>
      <li>Gender: ${e(f.gender)}</li>
      <li>Company: ${e(f.company)}</li>
      <li>Email: <a href="mailto:${e(f.email)}">${e(f.email)}</a></li>
      <li>Phone: ${e(f.phone)}</li>
      <li>Address: ${e(f.address)}</li>
      <li>About: ${e(f.about)}</li>
      <li>Registered: ${e(f.registered)}</li>
      <li>Tags: <ul>${each(f.tags, (t) => `<li>${e(t)}</li>`)}</ul></li>
      <li>Friends: <ul>${each(f.friends, (o) => `<li>${e(o.name)} (${e(o.id)})</li>`)}</ul></li>
    </ul>
  </div>
`)}
</div>
</body></html>
`,
  search: ({ query, total, results }) => `<h1>Results for ${e(query)} (${e(total)})</h1>
${each(results, (r) => `
<div class="result${r.sponsored ? ' sponsored' : ''}">
  <h2><a href="${e(r.url)}">${e(r.title)}</a></h2>
  <cite>${e(r.url)}</cite> <span>${e(r.score)}</span>
  <p>${e(r.snippet)}</p>
${r.related.length > 0 ? `
  <ul>
${each(r.related, (x) => `
    <li><a href="${e(x.url)}">${e(x.name)}</a></li>
`)}
  </ul>
` : `
  <p class="none">nothing related</p>
`}
</div>
`)}
`,
  projects: ({ heading, projects }) => `<!DOCTYPE html>
<html><head><title>${e(heading)}</title></head><body>
<h1>${e(heading)}</h1>
${each(projects, (p) => `
<article>
  <h3><a href="${e(p.url)}">${e(p.name)}</a></h3>
  <p>${e(p.description)}</p>
</article>
`)}
</body></html>
`,
  teams: ({ year, teams }) => `<html>
<head><title>Teams ${e(year)}</title></head>
<body>
<h1>${e(year)}</h1>
<ul>
${each(teams, (t, i) => `  <li class="${i === 0 ? 'champion' : 'team'}"><b>${e(t.name)}</b>: ${e(t.score)}</li>
`)}</ul>
</body>
</html>
`,
  page: ({ title, menu, user, items, footer }) => `<!DOCTYPE html>
<html><head><title>${e(title)}</title></head><body>
<nav>${each(menu, (m) => `<a href="${e(m.href)}"${m.current ? ' class="current"' : ''}>${e(m.label)}</a>`)}</nav>
<h1>${e(title)}</h1>
${user.active ? `<p>Hello ${e(user.name)} (${e(user.email)}), visit ${e(user.visits)}.</p>` : '<p>Inactive</p>'}
<table>
${each(items, (i) => `
<tr><td><a href="${e(i.url)}">${e(i.name)}</a></td><td>${e(i.price)}</td><td>${i.stock > 0 ? 'in stock' : 'sold out'}</td><td>${e(i.note)}</td></tr>
`)}
</table>
<footer>${e(footer)}</footer>
</body></html>
`,
  blog: ({ site, user, posts, archive }) => `<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>Home - ${e(site.name)}</title><link rel="canonical" href="${e(site.url)}"></head>
<body>
<header><a href="/">${e(site.name)}</a>${user ? `<span>Hello ${e(user.name)}${user.admin ? ' (<a href="/admin">admin</a>)' : ''}</span>` : ''}</header>

<main>
${each(posts, (p) => `
<article${p.pinned ? ' class="pinned"' : ''}>
  <h2><a href="/posts/${e(p.id)}">${e(p.title)}</a></h2>
  <p class="by">by <a href="${e(p.author.url)}">${e(p.author.name)}</a> on ${e(p.date)}</p>
  <div>${e(p.body)}</div>
  <p>${each(p.tags, (t) => `<a href="/tags/${e(t)}">${e(t)}</a> `)}</p>
  <p>${e(p.comments)} comments</p>
</article>

`)}
</main>
<aside>
${each(archive, (a) => `
  <p>${e(a.month)} (${e(a.count)})</p>
`)}
</aside>
<footer>${e(site.name)}</footer>
</body></html>

`,
};
