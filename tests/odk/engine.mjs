// ODK's own engine, made for browsers, in node: with a clock that stands still at `moment` (milliseconds since 1970).

import { JSDOM } from 'jsdom';

const GIVEN = ['window', 'document', 'DOMParser', 'XMLSerializer', 'Node', 'Element', 'Document', 'XMLDocument', 'Attr', 'Text', 'Comment', 'CDATASection', 'ProcessingInstruction', 'NodeFilter', 'XPathResult', 'localStorage', 'navigator'];

export const engineAt = async (moment) => {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      if (given.length === 0) super(moment);
      else super(...given);
    }
    static now() { return moment; }
  };
  // It is given a browser's way to read XML, and does not notice node.
  const { window } = new JSDOM('', { url: 'http://localhost/' });
  for (const name of GIVEN) {
    if (!(name in globalThis)) {
      try { globalThis[name] = window[name]; } catch { /* some need an address */ }
    }
  }
  // Node's own fetch wakes up before node is hidden.
  await fetch('data:text/plain,').then((answer) => answer.text());
  Object.defineProperty(process, 'versions', { value: { ...process.versions, node: undefined } });
  globalThis.importScripts = () => {};
  globalThis.self = globalThis;
  globalThis.location = { href: 'http://localhost/' };
  return import('@getodk/xforms-engine');
};
