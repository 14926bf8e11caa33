/**
 * A Vite plugin: the icons named in `src/icons.txt` as one file of symbols, each found by its name.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const LIST = fileURLToPath(new URL('../src/icons.txt', import.meta.url));
const DRAWN = new URL('../node_modules/lucide-static/icons/', import.meta.url);
// An overdue task is told by a filled shape too, not by colour alone.
const FILLED = {
  'octagon-alert':
    '<path fill="currentColor" stroke="none" d="M8.6 2h6.8L22 8.6v6.8L15.4 22H8.6L2 15.4V8.6z"/>' +
    '<path stroke="var(--paper, #fff)" stroke-width="2.6" d="M12 7.2v5.6M12 16.6h.01"/>'
};

async function symbol(name) {
  const text = await readFile(new URL(`${name}.svg`, DRAWN), 'utf8');
  const drawn = FILLED[name] ?? text.replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '');
  return `<symbol id="${name}" viewBox="0 0 24 24">${drawn.replace(/\s*\n\s*/g, '')}</symbol>`;
}

export function icons() {
  return {
    name: 'icons',
    async generateBundle() {
      const names = (await readFile(LIST, 'utf8')).split('\n').filter(Boolean);
      const symbols = await Promise.all(names.map(symbol));
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
      this.emitFile({ type: 'asset', name: 'icons.svg', originalFileName: 'src/icons.svg', source });
    }
  };
}
