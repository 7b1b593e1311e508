// Loads each form into ODK's own engine and prints what its expression is worth.
// Usage: TZ=zone node evaluate.mjs ZONE forms.jsonl bench.json

import { readFileSync } from 'node:fs';

import { engineAt } from './engine.mjs';

const [zone, forms, benchFile] = process.argv.slice(2);
const bench = JSON.parse(readFileSync(benchFile, 'utf8'));

// Dice fall the same way each time.
Math.random = () => 0.25;
const { loadForm } = await engineAt(Date.parse(bench.now));

const csv = (table) => [table.columns, ...table.rows].map((row) => row.join(',')).join('\n') + '\n';
const fetchFormAttachment = async (url) => {
  const name = decodeURIComponent(String(url).split('/').pop()).replace(/\.csv$/, '');
  const table = bench.tables[name];
  if (!table) return new Response('', { status: 404 });
  return new Response(csv(table), { status: 200, headers: { 'content-type': 'text/csv' } });
};

const nameOf = (node) => node.currentState.reference.split('/').pop().replace(/\[\d+\]$/, '');
const children = (node) => node.currentState.children ?? [];

// The node of a name, below the given rows of its repeats.
const find = (node, name, rows) => {
  for (const child of children(node)) {
    if (child.nodeType.startsWith('repeat-range')) {
      const row = rows.length > 0 ? children(child)[rows[0] - 1] : undefined;
      const found = row && find(row, name, rows.slice(1));
      if (found) return found;
    } else if (nameOf(child) === name && children(child).length === 0) {
      return child;
    } else {
      const found = find(child, name, rows);
      if (found) return found;
    }
  }
  return undefined;
};

const plain = (value) => {
  if (value == null) return '';
  if (Array.isArray(value)) return value.join(' ');
  return String(value);
};

const worth = (node, kind) => {
  switch (kind) {
    case 'value': return plain(node.currentState.value);
    case 'relevant': return String(node.currentState.relevant);
    case 'required': return String(node.currentState.required);
    case 'readonly': return String(node.currentState.readonly);
    case 'constraint': return String(node.validationState.constraint.valid);
    case 'choices': return node.currentState.valueOptions.map((option) => option.value).join(' ');
    default: throw new Error(kind);
  }
};

const describe = (error) => String(error?.message ?? error).split('\n')[0].slice(0, 160);

for (const line of readFileSync(forms, 'utf8').split('\n')) {
  if (line === '') continue;
  const { xml, question, refused, zone: wanted, ...rest } = JSON.parse(line);
  if (wanted !== zone) continue;
  let outcome;
  if (refused != null) {
    outcome = { error: `pyxform: ${refused}` };
  } else {
    try {
      const form = await loadForm(xml, { fetchFormAttachment });
      if (form.status === 'failure') throw form.error;
      const { root } = form.createInstance();
      const rows = rest.at.split('/').filter((step) => /^\d+$/.test(step)).map(Number);
      const node = find(root, question, rows);
      if (!node) throw new Error(`no node ${question}`);
      outcome = { result: worth(node, rest.kind) };
    } catch (error) {
      outcome = { error: describe(error) };
    }
  }
  console.log(JSON.stringify({ ...rest, ...outcome }));
}
process.exit(0);
