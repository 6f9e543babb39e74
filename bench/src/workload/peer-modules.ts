import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LanguageModelV4 } from '@ai-sdk/provider';

const folder = new URL('../../peers/', import.meta.url);

/** Where `bench/peers` lies: no workspace, so that nobody installs it who does not measure. */
export const peersFolder = fileURLToPath(folder);

export function peersInstalled(): boolean {
  return existsSync(new URL('node_modules/', folder));
}

/** The loop in memory on the AI SDK; resolves with the number of steps. */
export interface AiSdkPeer {
  generate(steps: number): Promise<number>;
  stream(steps: number): Promise<number>;
}

/** A durable loop on Postgres. */
export interface DurablePeer {
  run(steps: number): Promise<unknown>;
  close(): Promise<void>;
}

export interface DurablePeerOptions {
  readonly connectionString: string;
  readonly reply: { readonly text: string; readonly query: string };
  readonly finding: string;
  /** LangChain: whether a step waits until the one before it is saved, as each of ours does. Default false, as there. */
  readonly waits?: boolean;
}

export async function startAiSdk(options: { model: LanguageModelV4; finding: string }): Promise<AiSdkPeer> {
  return ((await load('ai-sdk')) as { start(given: typeof options): AiSdkPeer }).start(options);
}

export async function startDurablePeer(name: 'dbos' | 'langchain', options: DurablePeerOptions): Promise<DurablePeer> {
  return ((await load(name)) as { start(given: DurablePeerOptions): Promise<DurablePeer> }).start(options);
}

/** Loaded when it is measured, in this process: then both sides have the same machine and the same warm engine. */
function load(name: string): Promise<unknown> {
  return import(new URL(`src/${name}.mjs`, folder).href);
}
