// Fills the built-in forms in ODK's own engine, at random from a seed, and prints what is shown, worked out and
// refused. Usage: TZ=UTC node built_in.mjs FOLDER-OF-XFORMS COUNT

import { readFileSync } from 'node:fs';

import { engineAt } from './engine.mjs';

const [folder, count] = process.argv.slice(2);
const { loadForm } = await engineAt(Date.parse('2026-11-22T07:00:00Z'));

// A small generator whose whole state is its seed (Lehmer).
const dice = (seed) => {
  let state = seed;
  return (sides) => {
    state = (state * 48271) % 2147483647;
    return state % sides;
  };
};

const children = (node) => node.currentState.children ?? [];
const nameOf = (node) => node.currentState.reference.split('/').pop().replace(/\[\d+\]$/, '');

// Everything outside rows, in order.
const leaves = (node, found = []) => {
  for (const child of children(node)) {
    if (child.nodeType.startsWith('repeat-range')) continue;
    if (child.nodeType === 'group' || child.nodeType === 'subtree') leaves(child, found);
    else found.push(child);
  }
  return found;
};

const plain = (value) => (Array.isArray(value) ? value.join(' ') : String(value ?? ''));

// An answer of the question's kind, right or wrong; undefined for kinds that are left alone.
const some = (node, roll) => {
  if (node.nodeType === 'select') {
    const options = node.currentState.valueOptions.map((option) => option.value);
    const first = options[roll(options.length)];
    if (node.selectType !== 'select' || roll(2) === 0) return first;
    const second = options[roll(options.length)];
    return first === second ? first : [first, second].sort((a, b) => options.indexOf(a) - options.indexOf(b)).join(' ');
  }
  if (node.nodeType !== 'input') return undefined;
  switch (node.valueType) {
    case 'int': return String(roll(200) - 5);
    case 'decimal': return String(roll(900) - 20);
    case 'date': return `20${20 + roll(10)}-0${1 + roll(9)}-1${roll(10)}`;
    case 'string': return 'a';
    default: return undefined;
  }
};

const give = (node, answer) => {
  if (node.nodeType === 'select') node.selectValues(answer.split(' '));
  else if (node.valueType === 'int') node.setValue(BigInt(answer));
  else if (node.valueType === 'decimal') node.setValue(Number(answer));
  else node.setValue(answer);
};

// Codes are drawn anew for each record.
const DRAWN = ['case_code', 'obs_code', 'instanceID', 'instanceName'];

for (const form of ['victim-support', 'border-observation']) {
  const xml = readFileSync(`${folder}/${form}.xml`, 'utf8');
  for (let seed = 1; seed <= Number(count); seed += 1) {
    const roll = dice(seed * 7919);
    const loaded = await loadForm(xml, { fetchFormAttachment: async () => new Response('', { status: 404 }) });
    if (loaded.status === 'failure') throw loaded.error;
    const { root } = loaded.createInstance();
    const answers = [];
    // The first answers decide what is asked at all; then some of the rest, a third to nearly all.
    const share = 2 + (seed % 3);
    for (const node of leaves(root)) {
      if (!node.currentState.relevant || node.currentState.readonly) continue;
      if (answers.length > 0 && roll(4) > share - 1) continue;
      const answer = some(node, roll);
      if (answer === undefined) continue;
      give(node, answer);
      answers.push([nameOf(node), answer]);
    }
    const all = leaves(root).filter((node) => !DRAWN.includes(nameOf(node)));
    const worked = all.filter((node) => node.nodeType === 'model-value' && !['start_time', 'end_time', 'record_day'].includes(nameOf(node)));
    const shown = all.filter((node) => node.nodeType !== 'model-value' && node.currentState.relevant);
    const refused = all.filter((node) => node.validationState?.constraint && !node.validationState.constraint.valid);
    console.log(JSON.stringify({
      form,
      seed,
      answers,
      shown: shown.map(nameOf).join(' '),
      values: Object.fromEntries(worked.map((node) => [nameOf(node), plain(node.currentState.value)])),
      refused: refused.map(nameOf).join(' '),
    }));
  }
}
process.exit(0);
