// Drives whole forms through ODK's own engine, one step after the other, and prints what every question is after each.
// Usage: TZ=UTC node drive.mjs forms.jsonl

import { readFileSync } from 'node:fs';

import { engineAt } from './engine.mjs';

const [forms] = process.argv.slice(2);

// Dice fall the same way each time.
Math.random = () => 0.25;
const { loadForm } = await engineAt(Date.parse('2024-02-29T10:30:00.000Z'));

const nameOf = (node) => node.currentState.reference.split('/').pop().replace(/\[\d+\]$/, '');
const children = (node) => node.currentState.children ?? [];
const isRange = (node) => node.nodeType.startsWith('repeat-range');

// Every question by its path: name, or repeat/1/name in the first row.
const leaves = (node, path, found) => {
  for (const child of children(node)) {
    if (isRange(child)) {
      children(child).forEach((row, index) => leaves(row, `${path}${nameOf(child)}/${index + 1}/`, found));
    } else if (child.currentState.children) {
      leaves(child, path, found);
    } else {
      found.set(path + nameOf(child), child);
    }
  }
  return found;
};

const rangeAt = (node, path) => {
  const [name, row, ...rest] = path;
  const search = (inside) => {
    for (const child of children(inside)) {
      if (isRange(child) && nameOf(child) === name) return child;
      if (!isRange(child) && child.currentState.children) {
        const found = search(child);
        if (found) return found;
      }
    }
    return undefined;
  };
  const range = search(node);
  if (!range) throw new Error(`no repeat ${name}`);
  return rest.length === 0 ? [range, row] : rangeAt(children(range)[Number(row) - 1], rest);
};

const set = (node, value) => {
  switch (node.nodeType) {
    case 'select':
      if (value === '') return node.clearValue ? node.clearValue() : node.selectValues([]);
      if (node.selectType === 'select') return node.selectValues(value.split(' '));
      return node.selectValue(value);
    case 'rank':
      return node.setValues(value.split(' '));
    case 'trigger':
      return node.setValue(value === 'OK');
    default:
      return node.setValue(value);
  }
};

const plain = (node) => {
  const value = node.currentState.instanceValue ?? node.currentState.value;
  if (value == null) return '';
  if (Array.isArray(value)) return value.join(' ');
  return String(value);
};

const stateOf = (node) => {
  if (!node.currentState.relevant) return '-';
  const broken = node.validationState?.violation?.condition ?? '';
  return `${node.currentState.required ? '!' : ''}${node.currentState.readonly ? '~' : ''}=${plain(node)}${broken ? ` #${broken}` : ''}`;
};

const tables = (form) => async (url) => {
  const name = decodeURIComponent(String(url).split('/').pop());
  const text = (form.files ?? {})[name];
  if (text == null) return new Response('', { status: 404 });
  return new Response(text, { status: 200, headers: { 'content-type': 'text/csv' } });
};

for (const line of readFileSync(forms, 'utf8').split('\n')) {
  if (line === '') continue;
  const form = JSON.parse(line);
  const loaded = await loadForm(form.xml, { fetchFormAttachment: tables(form) });
  if (loaded.status === 'failure') throw loaded.error;
  const { root } = loaded.createInstance();
  let before = {};
  const tell = (step) => {
    const states = {};
    for (const [path, node] of leaves(root, '', new Map())) {
      if (nameOf(node) === 'instanceID') continue;
      states[path] = stateOf(node);
    }
    // Only what is otherwise than before; null for what is gone.
    const changes = {};
    for (const path of new Set([...Object.keys(before), ...Object.keys(states)])) {
      if (before[path] !== states[path]) changes[path] = states[path] ?? null;
    }
    before = states;
    console.log(JSON.stringify({ form: form.name, step, changes }));
  };
  tell('open');
  for (const step of form.steps) {
    const [what, path, value] = step;
    if (what === 'add') {
      const [range] = rangeAt(root, path.split('/'));
      range.addInstances();
    } else if (what === 'remove') {
      const [range, row] = rangeAt(root, path.split('/'));
      range.removeInstances(Number(row) - 1, 1);
    } else {
      const node = leaves(root, '', new Map()).get(path);
      if (!node) throw new Error(`${form.name}: no question ${path}`);
      set(node, value);
    }
    tell(step.join(' '));
  }
}
process.exit(0);
