import { misuse, Problem } from '@helix-agents/example-environment';
import { constants, type Dirent } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One text file. */
export interface Document {
  /** From the folder, with forward slashes. */
  readonly path: string;
  readonly lines: readonly string[];
}

/** A file or folder that is left out, and why. */
export interface Skipped {
  readonly path: string;
  readonly reason: string;
}

/** The documents of a folder, as they were when it was opened. */
export interface Folder {
  readonly name: string;
  readonly documents: readonly Document[];
  readonly skipped: readonly Skipped[];
}

/** A file that is there, before anybody looked into it. */
interface Found {
  readonly path: string;
}

const maxBytes = 4 * 1024 * 1024;
/** Of a folder, whose text is all kept in memory. */
const maxFiles = 20_000;
const maxCharacters = 128 * 1024 * 1024;
/** Files that are open at once. */
const atOnce = 32;
const never = new Set(['node_modules', 'dist', 'coverage']);
const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const notText = 'it is neither a folder nor a text file';

/** Opens a folder or a single file; null stands for this repository's `docs/` and READMEs. */
export async function openFolder(dir: string | null): Promise<Folder> {
  const root = dir === null ? repository : resolve(dir);
  const own = ({ path }: Found) => dir !== null || /^docs(\/|$)|(^|\/)README\.md$/.test(path);
  const read = await readAll(root, (await find(root, dir)).filter(own));
  const documents = read.filter((one) => 'lines' in one);
  const skipped = read.filter((one) => 'reason' in one);
  if (documents.length > 0) return { name: dir ?? 'this repository’s docs and READMEs', documents, skipped };
  const [first] = skipped;
  const found = first ? `${first.path}: ${first.reason}` : `no file is in ${root}`;
  throw misuse(`there is no text to read: ${found}`, 'name a folder with text files by --dir');
}

async function find(root: string, dir: string | null): Promise<(Found | Skipped)[]> {
  try {
    const found = await stat(root);
    if (found.isDirectory()) return await list(root);
    if (found.isFile()) return [{ path: '.' }];
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (code(error) === 'ENOENT') throw misuse(`there is no folder ${dir ?? root}`, 'correct --dir');
    throw misuse(
      `${dir ?? root} cannot be read (${code(error)})`,
      'give yourself the right to read it, or name another folder by --dir',
    );
  }
  throw misuse(
    `${dir ?? root} is neither a folder nor a text file`,
    'name a folder with text files, or one text file, by --dir',
  );
}

/** What is in a folder, below it too, in the order of names. A link is not followed: it may lead anywhere, also in circles. */
async function list(root: string): Promise<(Found | Skipped)[]> {
  const listed: (Found | Skipped)[] = [];
  const folders = [''];
  for (const folder of folders) {
    try {
      for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
        if (entry.name.startsWith('.') || never.has(entry.name)) continue;
        const path = posix.join(folder, entry.name);
        if (entry.isDirectory()) folders.push(path);
        else listed.push(foundAt(path, entry));
      }
    } catch (error) {
      if (folder === '') throw error;
      listed.push(unreadable(folder, error));
    }
    if (listed.length + folders.length > maxFiles) throw tooMuch(root, `${maxFiles} files and folders`);
  }
  return listed.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function foundAt(path: string, entry: Dirent): Found | Skipped {
  if (entry.isFile()) return { path };
  return { path, reason: entry.isSymbolicLink() ? 'it is a link, which is not followed' : notText };
}

async function readAll(root: string, found: readonly (Found | Skipped)[]): Promise<(Document | Skipped)[]> {
  const read: (Document | Skipped)[] = [];
  let characters = 0;
  for (let start = 0; start < found.length; start += atOnce) {
    const some = await Promise.all(found.slice(start, start + atOnce).map((one) => readFound(root, one)));
    read.push(...some);
    for (const one of some) characters += 'lines' in one ? lengthOf(one) : 0;
    if (characters > maxCharacters) throw tooMuch(root, `${maxCharacters} characters of text`);
  }
  return read;
}

function lengthOf({ lines }: Document): number {
  return lines.reduce((sum, { length }) => sum + length, 0);
}

function tooMuch(root: string, limit: string): Problem {
  return misuse(`${root} holds more than ${limit}`, 'name a smaller folder by --dir');
}

async function readFound(root: string, found: Found | Skipped): Promise<Document | Skipped> {
  if ('reason' in found) return found;
  const { path } = found;
  const single = path === '.';
  const shown = single ? basename(root) : path;
  try {
    const bytes = await readFile(single ? root : join(root, path));
    if (!bytes) return { path: shown, reason: notText };
    if (bytes.length > maxBytes) return { path: shown, reason: `it has more than ${maxBytes} bytes` };
    return toDocument(shown, bytes);
  } catch (error) {
    return unreadable(shown, error);
  }
}

/** One byte more than is allowed at most, whatever size the file says it has; null for what is no file. Waits for no writer. */
async function readFile(path: string): Promise<Uint8Array | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) return null;
    const parts: Uint8Array[] = [];
    for await (const part of file.createReadStream({ end: maxBytes, autoClose: false })) parts.push(part as Uint8Array);
    return Buffer.concat(parts);
  } finally {
    await file.close();
  }
}

function toDocument(path: string, bytes: Uint8Array): Document | Skipped {
  if (bytes.includes(0)) return { path, reason: 'it is not text' };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.trim() === '' ? { path, reason: 'it is empty' } : { path, lines: text.split(/\r?\n/) };
  } catch {
    return { path, reason: 'it is not UTF-8 text' };
  }
}

/** A name that is not UTF-8 reads with a sign that stands for what it is not, and so names nothing. */
function unreadable(path: string, error: unknown): Skipped {
  const unnamed = code(error) === 'ENOENT' && path.includes('\uFFFD');
  return { path, reason: unnamed ? 'its name is not UTF-8' : `it cannot be read (${code(error)})` };
}

function code(error: unknown): string {
  return (error as { code?: string }).code ?? String(error);
}
