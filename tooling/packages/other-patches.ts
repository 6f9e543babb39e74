import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, type Manifest } from '../workspaces.ts';

/** What our public types name, as an application uses it that has another patch of it than we are tested with. */
const application = `
import { AgentServer } from '@helix-agents/agent-server';
import type { HelixUIMessage } from '@helix-agents/ai-sdk';
import { prepareHelixChatRequest } from '@helix-agents/ai-sdk/client';
import { DefaultChatTransport } from 'ai';
import { Hono } from 'hono';

export const mounted = (server: AgentServer) => new Hono().route('/api', server.app);
export const transport = new DefaultChatTransport<HelixUIMessage>({ prepareSendMessagesRequest: prepareHelixChatRequest() });
`;

const project = {
  extends: './tsconfig.json',
  compilerOptions: { lib: ['es2024', 'dom', 'dom.iterable'], skipLibCheck: true },
  include: ['application.ts'],
};

/** Compiles an application in `folder` beside other patches of what is shared with it. Throws where there are then two of one. */
export function otherPatchesCompile(folder: string): void {
  writeFileSync(join(folder, 'application.ts'), application);
  writeFileSync(join(folder, 'tsconfig.application.json'), JSON.stringify(project));
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', otherPatchOf('hono'), otherPatchOf('ai'));
  run('tsc', '-p', 'tsconfig.application.json');
}

/** The one before ours, or the one after the first. */
function otherPatchOf(name: string): string {
  const manifest = readFileSync(join(repository, 'node_modules', name, 'package.json'), 'utf8');
  const [major, minor, patch] = (JSON.parse(manifest) as Manifest & { version: string }).version.split('.').map(Number);
  return `${name}@${major}.${minor}.${patch ? patch - 1 : 1}`;
}
