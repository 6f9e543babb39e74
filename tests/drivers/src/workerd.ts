import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const require = createRequire(import.meta.url);
/** Without the script around it, which would not end it; it has no types. */
const { default: program } = require('workerd') as { readonly default: string };

/** Cloudflare's runtime, with one Worker in it. */
export interface Workerd {
  readonly url: string;
  close(): Promise<void>;
}

/** Runs a Worker whose binding `HYPERDRIVE` leads to the database. */
export async function startWorkerd(source: string, connectionString: string): Promise<Workerd> {
  const folder = mkdtempSync(join(tmpdir(), 'helix-workerd-'));
  await bundle(source, join(folder, 'worker.mjs'));
  writeFileSync(join(folder, 'config.capnp'), configOf(new URL(connectionString)));
  const child = spawn(program, ['serve', join(folder, 'config.capnp'), '--control-fd=3'], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const exit = once(child, 'exit');
  const port = await Promise.race([portOf(child.stdio[3] as Readable), exit.then(() => undefined)]);
  if (port === undefined) throw new Error('workerd ended before it listened');
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      child.kill();
      await exit;
      rmSync(folder, { recursive: true });
    },
  };
}

async function bundle(source: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@helix-agents/source', 'workerd', 'worker'],
    external: ['cloudflare:*', 'pg-native'],
    // pg asks for Node's modules by `require`.
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire('file:///worker.mjs');` },
  });
}

function configOf({ hostname, port, pathname, username, password }: URL): string {
  const text = JSON.stringify;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "database", external = (address = ${text(`${hostname}:${port}`)}, tcp = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
  compatibilityDate = "2026-11-01",
  bindings = [(name = "HYPERDRIVE", hyperdrive = (
    designator = "database", scheme = "postgresql",
    database = ${text(pathname.slice(1))}, user = ${text(username)}, password = ${text(password)},
  ))],
);
`;
}

/** It tells this in a line of JSON. */
async function portOf(control: Readable): Promise<number> {
  const [line] = (await once(control, 'data')) as [Buffer];
  return (JSON.parse(line.toString()) as { port: number }).port;
}
