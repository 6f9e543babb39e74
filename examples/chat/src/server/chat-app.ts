import type { AgentServer } from '@helix-agents/agent-server';
import { typedErrorResponse } from '@helix-agents/ai-sdk';
import { HelixError, type Logger, type SessionStateStore, type StreamManager } from '@helix-agents/sdk';
import { Hono } from 'hono';
import type { ChosenModel } from './choose-model.ts';
import type { PageFile } from './page-files.ts';
import { newVisitorCookie, visitorOf } from './visitor.ts';

/** What the page and its server are made of. */
export interface ChatAppParts {
  readonly agents: AgentServer;
  readonly stateStore: SessionStateStore;
  readonly streamManager: StreamManager;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly model: Pick<ChosenModel, 'name' | 'isOffline'>;
  readonly logger: Logger;
}

/** A conversation in the list of the page. */
interface ChatEntry {
  readonly id: string;
  readonly title: string;
  readonly live: boolean;
  /** Unix ms. */
  readonly updatedAt: number;
}

/** Some conversations, newest first; the cursor gives those before. */
interface ChatsPage {
  readonly chats: readonly ChatEntry[];
  readonly cursor: string | null;
}

const noChats: ChatsPage = { chats: [], cursor: null };
const pageSize = 30;

/** The page, its list of conversations, and the agent server below `/api`. */
export function chatApp(parts: ChatAppParts): Hono {
  const { agents, stateStore, files, model, logger } = parts;
  const app = new Hono();
  app.get('/api/about', (c) => c.json({ model: model.name, isOffline: model.isOffline }));
  app.get('/api/chats', async (c) => {
    const visitor = visitorOf(c.req.raw);
    return c.json(visitor ? await listChats(stateStore, visitor.userId, c.req.query('cursor')) : noChats);
  });
  app.delete('/api/chats/:id{[A-Za-z0-9_-]{1,100}}', async (c) => {
    await deleteChat(parts, visitorOf(c.req.raw)?.userId, c.req.param('id'));
    return c.body(null, 204);
  });
  app.route('/api', agents.app);
  app.all('/api/*', ({ req }) =>
    typedErrorResponse(new HelixError('input_unknown_route', `there is no ${req.method} ${req.path}`)),
  );
  app.get('/assets/:name', (c) => {
    const file = files.get(`assets/${c.req.param('name')}`);
    if (!file) return c.notFound();
    return c.body(file.body, 200, {
      'content-type': file.type,
      'cache-control': 'max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
  });
  app.onError((error) => typedErrorResponse(error, logger));
  app.get('*', (c) => {
    const page = files.get('index.html');
    if (!page) return c.notFound();
    const cookie = visitorOf(c.req.raw) ? {} : { 'set-cookie': newVisitorCookie() };
    return c.body(page.body, 200, { 'content-type': page.type, ...pageHeaders, ...cookie });
  });
  return app;
}

/** Whatever a model writes into the page, it runs nothing but its own files, and asks nobody but its own server. */
const pageHeaders = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

async function listChats(stateStore: SessionStateStore, userId: string, after?: string): Promise<ChatsPage> {
  const from = after === undefined ? {} : { cursor: after };
  const { sessions, cursor = null } = await stateStore.listSessions({ userId, limit: pageSize, ...from });
  const chats = sessions.map(async ({ sessionId: id, live, updatedAt }) => {
    return { id, live, updatedAt, title: await titleOf(stateStore, id) };
  });
  return { chats: await Promise.all(chats), cursor };
}

/** One of somebody else is left alone, and not told from one that is gone. */
async function deleteChat(
  { stateStore, streamManager }: Pick<ChatAppParts, 'stateStore' | 'streamManager'>,
  userId: string | undefined,
  id: string,
): Promise<void> {
  if (userId === undefined || (await stateStore.load(id))?.identity.userId !== userId) return;
  const streamId = await stateStore.deleteSession(id);
  if (streamId !== null) await streamManager.deleteStream(streamId);
}

async function titleOf(stateStore: SessionStateStore, sessionId: string): Promise<string> {
  const [first] = await stateStore.messagesAfter(sessionId, 0, 1);
  const text = first?.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join(' ') ?? '';
  return text.replaceAll(/\s+/g, ' ').slice(0, 80) || 'A conversation';
}
