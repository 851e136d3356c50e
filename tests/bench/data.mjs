// The workloads' data: the same bytes every time, in the shapes that benchmarks
// of template engines use.
//
//   node data.mjs FOLDER      writes FOLDER/NAME.json
import fs from 'node:fs';
import path from 'node:path';

let state = 12345;
const random = (n) => { state = (state * 1103515245 + 12345) % 2147483648; return Math.floor(state / 65536) % n; };
const words = ('amber basalt cedar dune ember fjord glade harbor inlet juniper kelp lagoon mesa north oak prairie quartz ' +
  'river summit tundra upland valley willow yarrow zenith').split(' ');
const word = () => words[random(words.length)];
const text = (n) => Array.from({ length: n }, word).join(' ');
const title = (n) => text(n).replace(/\b\w/g, (c) => c.toUpperCase());
const list = (n, f) => Array.from({ length: n }, (_, i) => f(i));
const marked = (n) => list(n, (i) => (i % 9 === 4 ? `"${word()}" & <${word()}>` : word())).join(' ');

const workloads = {
  friends: () => ({
    friends: list(100, (i) => ({
      id: i, balance: `$${random(4000)}.${10 + random(90)}`, age: 20 + random(40), color: word(), name: title(2), gender: random(2) ? 'female' : 'male',
      company: title(2).toUpperCase(), email: `${word()}@${word()}.example`, phone: `+1 (${100 + random(900)}) ${100 + random(900)}-${1000 + random(9000)}`,
      address: `${100 + random(900)} ${title(1)} Street, ${title(1)}, ${title(1)}, ${random(10000)}`, about: text(25),
      registered: `20${10 + random(15)}-0${1 + random(9)}-1${random(10)}T08:30:00`, tags: list(7, word), friends: list(3, (j) => ({ id: j, name: title(2) })),
    })),
  }),
  search: () => ({
    query: 'cedar & oak', total: 1234, results: list(40, (i) => ({
      url: `https://${word()}.example/${word()}?a=${i}&b=${random(99)}`, title: title(5), snippet: marked(20), sponsored: i % 7 === 0, score: random(1000) / 10,
      related: i % 3 ? [] : list(3, () => ({ name: word(), url: `/s?q=${word()}` })),
    })),
  }),
  projects: () => ({
    heading: 'Projects', projects: list(40, (i) => ({ name: title(3), url: `https://${word()}.example/${i}`, description: marked(160) })),
  }),
  table100: () => ({ table: list(100, () => list(100, () => random(1000))) }),
  table1000: () => ({ table: list(1000, () => list(10, () => random(10000))) }),
  teams: () => ({ year: 2026, teams: [{ name: 'Amber', score: 43 }, { name: 'Basalt', score: 27 }, { name: 'Cedar', score: 12 }, { name: 'Dune', score: 7 }] }),
  blog: () => ({
    site: { name: 'The Daily Fjord', url: 'https://fjord.example' }, user: { name: 'Ann', admin: true },
    posts: list(20, (i) => ({
      id: 1000 + i, title: title(5), author: { name: title(2), url: `/people/${word()}` }, date: `2026-0${1 + random(9)}-1${random(10)}`,
      body: text(140), comments: random(40), tags: list(4, word), pinned: i < 2,
    })),
    archive: list(12, (i) => ({ month: title(1), count: i * 3 })),
  }),
  page: () => ({
    title: 'Account', user: { name: 'Tom "Tommy" Oak', email: 'tom@oak.example', visits: 1234, active: true }, items: list(12, (i) => ({
      name: title(3), price: 5 + random(500), stock: random(4), url: `/items/${i}`, note: text(20),
    })),
    menu: list(6, (i) => ({ label: title(1), href: `/${word()}`, current: i === 2 })), footer: text(30),
  }),
  invoice: () => ({
    number: 'A-2026-117', date: '2026-03-09T10:30:00.000Z', customer: { name: title(2), address: list(3, () => title(3)) }, rate: 0.19,
    lines: list(60, () => ({ text: title(4), quantity: 1 + random(9), price: random(100000) / 100 })),
  }),
  catalog: () => ({
    currency: 'EUR', products: list(80, (i) => ({ sku: `sku-${i}-${word()}`, name: title(3), tags: list(5, word), price: random(9000) / 10, stock: random(5), text: marked(30) })),
  }),
  settings: () => ({
    options: Object.fromEntries(list(30, (i) => [`${word()}_${i}`, i % 4 ? text(3) : { on: i % 8 === 0, level: random(9), list: list(4, word) }])),
    log: list(40, () => `${word()}=${random(1000)}; ${word()}="${word()} ${word()}"`),
  }),
};

const dir = process.argv[2];
fs.mkdirSync(dir, { recursive: true });
for (const [name, make] of Object.entries(workloads)) fs.writeFileSync(path.join(dir, `${name}.json`), JSON.stringify(make()));
