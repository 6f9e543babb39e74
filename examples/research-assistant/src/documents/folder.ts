import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Problem } from '../problem.ts';

/** One text file. */
export interface Document {
  /** From the folder, with forward slashes. */
  readonly path: string;
  readonly lines: readonly string[];
}

/** The documents of a folder, as they were when it was opened. */
export interface Folder {
  readonly name: string;
  readonly documents: readonly Document[];
  /** What could not be read, and why. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

const maxBytes = 4 * 1024 * 1024;
const never = new Set(['node_modules', 'dist', 'coverage']);
const repository = fileURLToPath(new URL('../../../../', import.meta.url));

/** Opens a folder or a single file; null stands for this repository's `docs/` and READMEs. */
export async function openFolder(dir: string | null): Promise<Folder> {
  const root = dir === null ? repository : resolve(dir);
  const paths = await findPaths(root, dir);
  const own = (path: string) => dir !== null || /^docs\/|(^|\/)README\.md$/.test(path);
  const read = await Promise.all(paths.filter(own).map((path) => readDocument(root, path)));
  const documents = read.filter((one) => 'lines' in one);
  const skipped = read.filter((one) => 'reason' in one);
  if (documents.length > 0) return { name: dir ?? 'this repository’s docs and READMEs', documents, skipped };
  const [first] = skipped;
  const found = first ? `${first.path}: ${first.reason}` : `no file is in ${root}`;
  throw new Problem(`there is no text to read: ${found}`, 'name a folder with text files by --dir');
}

async function findPaths(root: string, dir: string | null): Promise<string[]> {
  try {
    const found = await stat(root);
    return found.isDirectory() ? await walk(root, root) : ['.'];
  } catch (error) {
    if (code(error) === 'ENOENT') throw new Problem(`there is no folder ${dir ?? root}`, 'correct --dir', 2);
    throw new Problem(
      `${dir ?? root} cannot be read (${code(error)})`,
      'give yourself the right to read it, or name another folder by --dir',
    );
  }
}

async function walk(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const visible = entries.filter(({ name }) => !name.startsWith('.') && !never.has(name));
  const nested = await Promise.all(
    visible.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return walk(root, path).catch(() => []);
      return entry.isFile() ? [relative(root, path).replaceAll(sep, '/')] : [];
    }),
  );
  return nested.flat().toSorted();
}

async function readDocument(root: string, path: string): Promise<Document | Folder['skipped'][number]> {
  const single = path === '.';
  const file = single ? root : join(root, path);
  const shown = single ? basename(root) : path;
  try {
    const { size } = await stat(file);
    if (size > maxBytes) return { path: shown, reason: `it has more than ${maxBytes} bytes` };
    const bytes = await readFile(file);
    return toDocument(shown, bytes);
  } catch (error) {
    return { path: shown, reason: `it cannot be read (${code(error)})` };
  }
}

function toDocument(path: string, bytes: Uint8Array): Document | Folder['skipped'][number] {
  if (bytes.includes(0)) return { path, reason: 'it is not text' };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.trim() === '' ? { path, reason: 'it is empty' } : { path, lines: text.split(/\r?\n/) };
  } catch {
    return { path, reason: 'it is not UTF-8 text' };
  }
}

function code(error: unknown): string {
  return (error as { code?: string }).code ?? String(error);
}
